"""ShapeSheets: cells, sections and texts of a shape, what it lacks taken from its master; where it is on the page."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from diagrasp.model import Box, Point
from diagrasp.xmltree import Tag

PIXELS = 96.0
"""For an inch, Visio's unit."""


def cells_of(tag: Tag | None) -> dict[str, str]:
    """The cells directly in a shape, page or row."""
    return {c.get("N"): c.get("V") for c in tag.all("Cell")} if tag is not None else {}


def inches(cells: Mapping[str, str], *names: str) -> float | None:
    """The first of these cells that is a number."""
    for name in names:
        try:
            value = float(cells[name])
        except (KeyError, ValueError):
            continue
        if abs(value) < 1e7:
            return value
    return None


def rows_of(tag: Tag | None, section: str) -> dict[str, dict[str, str]]:
    """The rows of a section by name (or number), each as its cells."""
    if tag is None:
        return {}
    found: dict[str, dict[str, str]] = {}
    for part in tag.all("Section"):
        if part.get("N") == section:
            for row in part.all("Row"):
                found[row.get("N") or row.get("IX")] = cells_of(row)
    return found


def text_of(tag: Tag | None) -> str | None:
    """A shape's own text on one line; None where it says nothing of it."""
    found = tag.find("Text") if tag is not None else None
    return " ".join(found.full_text().split()) if found is not None else None


@dataclass(slots=True)
class Frame:
    """How a shape's own coordinates lie on the page, in inches from its lower left corner."""

    pin: tuple[float, float] = (0.0, 0.0)
    loc: tuple[float, float] = (0.0, 0.0)
    angle: float = 0.0
    flip: tuple[bool, bool] = (False, False)
    outer: Frame | None = None

    def point(self, x: float, y: float) -> tuple[float, float]:
        """A point of the shape on the page."""
        here: Frame | None = self
        for _ in range(100):
            if here is None:
                break
            dx, dy = x - here.loc[0], y - here.loc[1]
            dx, dy = -dx if here.flip[0] else dx, -dy if here.flip[1] else dy
            cos, sin = math.cos(here.angle), math.sin(here.angle)
            x, y = here.pin[0] + dx * cos - dy * sin, here.pin[1] + dx * sin + dy * cos
            here = here.outer
        return x, y


@dataclass(slots=True)
class Sheet:
    """A shape with its master's cells under its own.

    Attributes:
        name: its master's name, or its own, in lower case.
        title: that name as it is written.
        props: shape data by name: the value, without the quotes of a formula.
        users: user-defined cells, likewise.
    """

    tag: Tag
    master: Tag | None
    title: str
    frame: Frame
    cells: dict[str, str]
    props: dict[str, str] = field(default_factory=dict)
    users: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return self.tag.get("ID")

    @property
    def name(self) -> str:
        return self.title.lower()

    @property
    def size(self) -> tuple[float, float]:
        return inches(self.cells, "Width") or 0.0, inches(self.cells, "Height") or 0.0

    @property
    def parts(self) -> list[Tag]:
        """The shapes that a group is made of."""
        shapes = self.tag.find("Shapes")
        return shapes.all("Shape") if shapes is not None else []

    @property
    def text(self) -> str:
        """Its text: its own, its master's, or those of its parts."""
        own = text_of(self.tag)
        own = text_of(self.master) if own is None else own
        if own:
            return own
        inherited = {t.get("ID"): text_of(t) for t in self.master.walk() if t.name == "Shape"} if self.master else {}
        said = []
        for part in self.tag.walk():
            if part.name == "Shape" and part is not self.tag:
                text = text_of(part)
                said.append(inherited.get(part.get("MasterShape")) if text is None else text)
        found = " ".join(text for text in said if text)
        return found or " ".join(self.props.get("BpmnName", "").split())

    def box(self, height: float) -> Box:
        """Where it is in pixels from the page's upper left corner; turned by about a quarter, its sides are swapped.

        Args:
            height: the page's, in inches.
        """
        w, h = self.size
        x, y = self.frame.point(w / 2, h / 2)
        if abs(self.frame.angle % math.pi - math.pi / 2) < math.pi / 4:
            w, h = h, w
        w, h = abs(w), abs(h)
        return Box(*(round(v * PIXELS, 2) for v in (x - w / 2, height - y - h / 2, w, h)))

    def way(self, height: float) -> list[Point]:
        """The points of a connector, in pixels: those of its geometry where they lead from its begin to its end."""
        ends = [(inches(self.cells, f"{end}X"), inches(self.cells, f"{end}Y")) for end in ("Begin", "End")]
        if any(x is None or y is None for x, y in ends):
            return []
        outer = self.frame.outer or Frame()
        first, last = (_pixels(*outer.point(x or 0.0, y or 0.0), height) for x, y in ends)
        points = [_pixels(*self.frame.point(x, y), height) for x, y in self._geometry()]
        if len(points) > 1 and math.dist(points[0], first) < 12 and math.dist(points[-1], last) < 12:
            return [first, *points[1:-1], last]
        return [first, last]

    def _geometry(self) -> list[tuple[float, float]]:
        rows: dict[str, dict[str, str]] = {}
        for source in (self.master, self.tag):
            for part in source.all("Section") if source is not None else ():
                if part.get("N") == "Geometry" and part.get("IX", "0") == "0":
                    for row in part.all("Row"):
                        key = row.get("IX")
                        rows[key] = {
                            **rows.get(key, {}),
                            **cells_of(row),
                            "kind": row.get("T") or rows.get(key, {}).get("kind", ""),
                        }
                        if row.get("Del") == "1":
                            del rows[key]
        found = []
        for cells in rows.values():
            x, y = inches(cells, "X"), inches(cells, "Y")
            if cells["kind"] in ("MoveTo", "LineTo", "ArcTo") and x is not None and y is not None:
                found.append((x, y))
        return found


def _pixels(x: float, y: float, height: float) -> Point:
    return Point(round(x * PIXELS, 2), round((height - y) * PIXELS, 2))


def frame_of(cells: Mapping[str, str], outer: Frame | None) -> Frame:
    """How a shape lies in what is around it."""
    w, h = inches(cells, "Width") or 0.0, inches(cells, "Height") or 0.0
    loc_x, loc_y = inches(cells, "LocPinX"), inches(cells, "LocPinY")
    return Frame(
        (inches(cells, "PinX") or 0.0, inches(cells, "PinY") or 0.0),
        (w / 2 if loc_x is None else loc_x, h / 2 if loc_y is None else loc_y),
        inches(cells, "Angle") or 0.0,
        (cells.get("FlipX") == "1", cells.get("FlipY") == "1"),
        outer,
    )


def values(shape: Tag, master: Tag | None, section: str) -> dict[str, str]:
    """The values of shape data or user cells."""
    rows = rows_of(master, section)
    for name, row in rows_of(shape, section).items():
        rows[name] = {**rows.get(name, {}), **row}
    return {name: row.get("Value", "").strip('"') for name, row in rows.items()}
