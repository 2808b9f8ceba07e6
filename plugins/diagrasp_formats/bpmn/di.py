"""The diagram interchange part: which boxes and waypoints a page gives."""

from __future__ import annotations

from dataclasses import dataclass, field

from diagrasp.errors import NotFoundError, ParseError
from diagrasp.model import Box, Point
from diagrasp.xmltree import Tag
from diagrasp_formats.bpmn.names import local


@dataclass(slots=True)
class Page:
    """One BPMNDiagram: geometry by the id of what it shows.

    Attributes:
        root: the id of what the page is of: a process, collaboration, or a collapsed subprocess.
        expanded: what is said of subprocesses.
        messages: message flows whose message is drawn.
        elsewhere: what other pages show.
    """

    name: str = ""
    root: str = ""
    boxes: dict[str, Box] = field(default_factory=dict)
    paths: dict[str, tuple[Point, ...]] = field(default_factory=dict)
    expanded: dict[str, bool] = field(default_factory=dict)
    upright: bool = False
    messages: set[str] = field(default_factory=set)
    elsewhere: set[str] = field(default_factory=set)

    @property
    def empty(self) -> bool:
        return not self.boxes and not self.paths


def read_pages(root: Tag, page: int | None) -> tuple[Page, int]:
    """The page asked for (from 1, by default the first that shows something) and how many there are.

    Raises:
        NotFoundError: no such page.
        ParseError: a coordinate is no number.
    """
    pages = [_page(tag) for tag in root.all("BPMNDiagram")]
    if not pages:
        pages = [Page()]
    if page is not None and not 1 <= page <= len(pages):
        raise NotFoundError(f"there is no page {page}; the BPMN has {len(pages)}")
    chosen = pages[page - 1] if page is not None else next((p for p in pages if not p.empty), pages[0])
    for other in pages:
        if other is not chosen:
            chosen.elsewhere |= set(other.boxes)
    return chosen, len(pages)


def _page(diagram: Tag) -> Page:
    page = Page(name=diagram.get("name"))
    plane = diagram.find("BPMNPlane")
    if plane is None:
        return page
    page.root = local(plane.get("bpmnElement"))
    for tag in plane.children:
        element = local(tag.get("bpmnElement"))
        if tag.name == "BPMNShape":
            bounds = tag.find("Bounds")
            if bounds is None:
                continue
            x, y, w, h = (_number(bounds, key) for key in ("x", "y", "width", "height"))
            page.boxes[element] = Box(x, y, w, h)
            if tag.get("isExpanded"):
                page.expanded[element] = tag.get("isExpanded") in ("true", "1")
            page.upright = page.upright or tag.get("isHorizontal") in ("false", "0")
        elif tag.name == "BPMNEdge":
            points = tuple(Point(_number(p, "x"), _number(p, "y")) for p in tag.all("waypoint"))
            if len(points) > 1:
                page.paths[element] = points
            if tag.get("messageVisibleKind"):
                page.messages.add(element)
    return page


def _number(tag: Tag, key: str) -> float:
    try:
        value = float(tag.get(key, "0"))
    except ValueError:
        value = float("nan")
    if not abs(value) < 1e9:
        raise ParseError(f"{tag.name}/@{key} is {tag.get(key)!r}", line=tag.line, expected=["a number"])
    return value
