"""The pages of a draw.io file and their cells, plain or compressed, by themselves or inside PNG and SVG."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import unquote

from diagrasp.carriers import MAX_TEXT, PNG_MAGIC, inflate, looks_like_svg, sources
from diagrasp.errors import NotFoundError, ParseError
from diagrasp.model import Box, Point
from diagrasp.xmltree import Tag, parse_xml, xml_text
from diagrasp_formats._html import html_text, squeeze
from diagrasp_formats.drawio.ids import plain_id

LABEL = "diagraspLabel"
"""Key of a style that holds a label which draw.io's own cannot, such as one with line breaks."""


_WRAPPING = frozenset({"id", "label", "value", "placeholders", "placeholder", "mxObjectId"})
_PLACEHOLDER = re.compile(r"%([^%{} \"'=;]+)%")


@dataclass(slots=True)
class Cell:
    """An mxCell with its style taken apart; a style's bare words are keys with the value "1".

    Attributes:
        relative: whether the place is told in parts of the parent, moved by `offset`.
        alternate: the size that a collapsed cell has when it is open.
        fields: what its owner wrote of it, other than the label.
    """

    id: str
    value: str
    style: dict[str, str]
    parent: str
    vertex: bool
    edge: bool
    source: str
    target: str
    box: Box | None = None
    relative: bool = False
    points: list[Point] = field(default_factory=list)
    ends: tuple[Point | None, Point | None] = (None, None)
    visible: bool = True
    line: int = 0
    offset: Point = field(default_factory=lambda: Point(0.0, 0.0))
    collapsed: bool = False
    alternate: Box | None = None
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def marked(self) -> bool:
        """Whether the label is kept to the letter."""
        return LABEL in self.style

    @property
    def text(self) -> str:
        """The label as plain text on one line, or as it was written here, unless it was changed since."""
        shown = html_text(self.value) if self.style.get("html") == "1" else squeeze(self.value)
        kept = unquote(self.style.get(LABEL, ""))
        return kept if kept and squeeze(html_text(xml_text(kept))) == shown else shown


@dataclass(slots=True)
class Page:
    name: str
    kind: str
    cells: dict[str, Cell]


def read_page(data: bytes, page: int | None) -> tuple[Page, int]:
    """The page asked for, counted from 1, and how many there are.

    Raises:
        ParseError: no draw.io file, or a damaged one.
        NotFoundError: no such page.
    """
    if data.startswith(PNG_MAGIC) or looks_like_svg(data):
        return _carried(data, page)
    return _page(data, page)


def _carried(data: bytes, page: int | None) -> tuple[Page, int]:
    """The same of a picture: of several sources, the first that is whole."""
    damaged: ParseError | None = None
    for carried in sources(data):
        if carried.format == "drawio":
            try:
                return _page(carried.payload, page)
            except ParseError as error:
                damaged = damaged or error
    raise damaged or ParseError("the picture carries no draw.io source", expected=["a .drawio.png or .drawio.svg"])


def _page(data: bytes, page: int | None) -> tuple[Page, int]:
    root = parse_xml(data)
    if root.name == "mxGraphModel":
        if page not in (None, 1):
            raise NotFoundError(f"there is no page {page}; the drawing has 1")
        return Page("", root.get("diagraspKind"), _cells(root, {})), 1
    if root.name != "mxfile":
        raise ParseError(f"the root element is <{root.name}>", line=root.line, expected=["<mxfile>", "<mxGraphModel>"])
    diagrams = root.all("diagram")
    number = page or 1
    if not 1 <= number <= max(1, len(diagrams)):
        raise NotFoundError(f"there is no page {number}; the drawing has {len(diagrams)}")
    if not diagrams:
        return Page("", "", {}), 1
    chosen = diagrams[number - 1]
    model = chosen.find("mxGraphModel")
    if model is None:
        model = _unpack(chosen)
    facts = {"page": chosen.get("name"), "pagenumber": str(number), "pagecount": str(len(diagrams))}
    return Page(chosen.get("name"), model.get("diagraspKind"), _cells(model, facts)), len(diagrams)


def _unpack(diagram: Tag) -> Tag:
    text = "".join(diagram.text.split())
    if not text:
        return Tag("mxGraphModel")
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ParseError("a page is neither XML nor base64", line=diagram.line) from None
    found = inflate(raw, MAX_TEXT, raw=True)
    if found is None:
        raise ParseError(f"a page does not unpack to at most {MAX_TEXT:,} bytes", line=diagram.line)
    model = parse_xml(unquote(found.decode("utf-8", "replace")))
    if model.name != "mxGraphModel":
        raise ParseError(f"a page holds <{model.name}>", line=diagram.line, expected=["<mxGraphModel>"])
    return model


def _cells(model: Tag, facts: dict[str, str]) -> dict[str, Cell]:
    """The cells of a page; `facts` are what labels may ask for: the page's name and number."""
    cells: dict[str, Cell] = {}
    filled: list[Cell] = []
    root = model.find("root")
    for tag in root.children if root is not None else ():
        inner, value = tag, tag.get("value")
        if tag.name != "mxCell":
            found = tag.find("mxCell")
            if found is None:
                continue
            inner, value = found, tag.get("label") or tag.get("value")
        id = plain_id(tag.get("id") or inner.get("id") or f"cell-{tag.line}-{len(cells)}")
        cell = Cell(
            id, value, parse_style(inner.get("style")), plain_id(inner.get("parent")),
            inner.get("vertex") == "1", inner.get("edge") == "1", plain_id(inner.get("source")),
            plain_id(inner.get("target")), visible=inner.get("visible") != "0",
            line=tag.line, collapsed=inner.get("collapsed") == "1",
        )  # fmt: skip
        if inner is not tag:
            cell.fields = {k: v for k, v in tag.attrs.items() if k not in _WRAPPING}
        geometry = inner.find("mxGeometry")
        if geometry is not None:
            _geometry(cell, geometry)
        cells[id] = cell
        if inner.get("placeholders", tag.get("placeholders")) == "1":
            filled.append(cell)
    for cell in filled:
        _fill(cells, cell, facts)
    return cells


def _fill(cells: dict[str, Cell], cell: Cell, facts: dict[str, str]) -> None:
    """Put into a label what the cell, those around it and the page say."""
    used: set[str] = set()

    def find(name: str) -> str | None:
        found = _field(cells, cell, name, used)
        return facts.get(name) if found is None else found

    cell.value = fill(cell.value, find)
    cell.fields = {key: value for key, value in cell.fields.items() if key not in used}


def _field(cells: dict[str, Cell], cell: Cell, name: str, used: set[str]) -> str | None:
    """What a cell, or one around it, says under a name."""
    here: Cell | None = cell
    for _ in range(200):
        if here is None:
            return None
        if name in here.fields:
            used.add(name)
            return here.fields[name]
        here = cells.get(here.parent)
    return None


def _geometry(cell: Cell, tag: Tag) -> None:
    cell.relative = tag.get("relative") == "1"
    x, y, w, h = (_number(tag, key) for key in ("x", "y", "width", "height"))
    cell.box = Box(x, y, w, h)
    ends: dict[str, Point] = {}
    for child in tag.children:
        if child.name == "Array" and child.get("as") == "points":
            cell.points = [Point(_number(p, "x"), _number(p, "y")) for p in child.all("mxPoint", "Object")]
        elif child.name == "mxPoint" and child.get("as") in ("sourcePoint", "targetPoint"):
            ends[child.get("as")] = Point(_number(child, "x"), _number(child, "y"))
        elif child.name == "mxPoint" and child.get("as") == "offset":
            cell.offset = Point(_number(child, "x"), _number(child, "y"))
        elif child.name == "mxRectangle" and child.get("as") == "alternateBounds":
            cell.alternate = Box(*(_number(child, key) for key in ("x", "y", "width", "height")))
    cell.ends = (ends.get("sourcePoint"), ends.get("targetPoint"))


def _number(tag: Tag, key: str) -> float:
    text = tag.get(key) or "0"
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not abs(value) < 1e9:
        raise ParseError(f"{tag.name}/@{key} is {text!r}", line=tag.line, expected=["a number"])
    return value


def fill(text: str, find: Callable[[str], str | None]) -> str:
    """The text with `%name%` replaced by what is found; `%%name%` stands for itself."""

    def put(match: re.Match[str]) -> str:
        if match.start() > 0 and text[match.start() - 1] == "%":
            return match.group()[1:]
        found = find(match.group(1))
        return match.group() if found is None else found

    return _PLACEHOLDER.sub(put, text)


def parse_style(text: str) -> dict[str, str]:
    """`ellipse;fillColor=none` as keys and values; a bare word has the value "1"."""
    style: dict[str, str] = {}
    for part in text.split(";"):
        key, equals, value = part.strip().partition("=")
        if key:
            style[key] = value if equals else "1"
    return style
