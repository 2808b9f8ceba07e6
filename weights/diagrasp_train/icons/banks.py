"""BPMN's signs as tools draw them: bpmn-js and draw.io in sheets of symbols, the icon font bpmn-font letter by letter.

Each drawing is kept large and grey; `crops` makes small, worn ones of it.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.sax.saxutils import quoteattr

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from diagrasp_train.generate.browser import Browser

EVENT, GATEWAY, CORNER, FOOT = "event", "gateway", "corner", "foot"
STEP, ZOOM = 160, 4


@dataclass(frozen=True, slots=True)
class Drawing:
    """One sign: where it stands (event, gateway, corner, foot), what it says, its picture (0 paper, 255 ink).

    Events and gateways reach to the picture's sides; of icons and markers the picture is what is drawn.
    `filled` and `ring` (thin, double, thick), `dashed` are for events.
    """

    where: str
    sign: str
    picture: NDArray[np.uint8]
    filled: bool = False
    ring: str = "thin"
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class _Cell:
    where: str
    sign: str
    source: str
    size: tuple[float, float]
    look: tuple[float, float, float, float]
    filled: bool = False
    ring: str = "thin"
    dashed: bool = False


_CORNER_OF = {"bpmn": (2.0, 2.0, 33.0, 33.0), "drawio": (2.0, 2.0, 27.0, 27.0)}
_ARC = 9.0
"""How far a task's own rounded corner reaches, x + y."""
_CORNERS = ("user", "service", "script", "send", "receive", "manual", "business_rule")


def bpmn_js(browser: Browser) -> list[Drawing]:
    """Every symbol of bpmn-js that carries a sign."""
    cells: list[_Cell] = []

    def event(tag: str, sign: str, ring: str, extra: str = "", *, filled: bool = False, dashed: bool = False) -> None:
        word = {"compensation": "compensate"}.get(sign, sign)
        inner = f"<bpmn:{word}EventDefinition/>" if sign not in ("none", "multiple", "parallel_multiple") else ""
        if sign in ("multiple", "parallel_multiple"):
            inner = "<bpmn:messageEventDefinition/><bpmn:signalEventDefinition/>"
            extra += ' parallelMultiple="true"' if sign == "parallel_multiple" else ""
        source = f"<bpmn:{tag} id=ID{extra}>{inner}</bpmn:{tag}>"
        cells.append(_Cell(EVENT, sign, source, (36, 36), (-1, -1, 37, 37), filled, ring, dashed))

    catching = ("message", "timer", "error", "signal", "escalation", "compensation", "conditional", "multiple")
    for sign in ("none", *catching, "parallel_multiple"):
        event("startEvent", sign, "thin")
    for sign in ("message", "timer", "signal", "escalation", "conditional", "multiple", "parallel_multiple"):
        event("startEvent", sign, "thin", ' isInterrupting="false"', dashed=True)
        event("boundaryEvent", sign, "double", ' cancelActivity="false" attachedToRef="host"', dashed=True)
    for sign in ("message", "timer", "signal", "conditional", "link", "multiple", "parallel_multiple"):
        event("intermediateCatchEvent", sign, "double")
    for sign in (*catching, "cancel", "parallel_multiple"):
        event("boundaryEvent", sign, "double", ' attachedToRef="host"')
    for sign in ("none", "message", "signal", "escalation", "compensation", "link", "multiple"):
        event("intermediateThrowEvent", sign, "double", filled=sign != "none")
    for sign in ("none", "message", "signal", "escalation", "compensation", "error", "terminate", "cancel", "multiple"):
        event("endEvent", sign, "thick", filled=sign != "none")
    gateways = (("none", "exclusive"), ("exclusive", "exclusive"), ("parallel", "parallel"), ("inclusive", "inclusive"),
                ("event", "eventBased"), ("complex", "complex"))  # fmt: skip
    for sign, tag in gateways:
        source = f"<bpmn:{tag}Gateway id=ID/>"
        cells.append(_Cell(GATEWAY, sign, source, (50, 50), (0, 0, 50, 50)))
    tasks = dict(zip(_CORNERS, ("user", "service", "script", "send", "receive", "manual", "businessRule"), strict=True))
    for sign, tag in tasks.items():
        source = f"<bpmn:{tag}Task id=ID/>"
        cells.append(_Cell(CORNER, sign, source, (100, 80), _CORNER_OF["bpmn"]))
    loops = {"loop": "standardLoop", "parallel": "multiInstanceLoop", "sequential": "multiInstanceLoop"}
    for sign, tag in loops.items():
        more = ' isSequential="true"' if sign == "sequential" else ""
        source = f"<bpmn:task id=ID><bpmn:{tag}Characteristics{more}/></bpmn:task>"
        cells.append(_Cell(FOOT, sign, source, (100, 80), (25, 54, 75, 78)))
    for sign, source in (
        ("compensation", '<bpmn:task id=ID isForCompensation="true"/>'),
        ("adhoc", "<bpmn:adHocSubProcess id=ID/>"),
        ("collapsed", "<bpmn:subProcess id=ID/>"),
    ):
        look = (62.0, 56.0, 85.0, 78.0) if sign == "adhoc" else (25.0, 54.0, 75.0, 78.0)
        cells.append(_Cell(FOOT, sign, source, (100, 80), look))
    elements, shapes = ['<bpmn:task id="host"/>'], [_di("host", -400, -400, (100, 80), "")]
    for k, cell in enumerate(cells):
        x, y = _place(k)
        marker = ' isMarkerVisible="true"' if cell.sign == "exclusive" else ' isExpanded="false"'
        if cell.where not in (GATEWAY, FOOT):
            marker = ""
        elements.append(cell.source.replace("ID", quoteattr(f"c{k}"), 1))
        shapes.append(_di(f"c{k}", x, y, cell.size, marker))
    xml = (
        '<?xml version="1.0"?><bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
        ' xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"'
        ' id="d" targetNamespace="http://bpmn.io/schema/bpmn"><bpmn:process id="p">'
        + "".join(elements)
        + '</bpmn:process><bpmndi:BPMNDiagram id="dd"><bpmndi:BPMNPlane id="pl" bpmnElement="p">'
        + "".join(shapes)
        + "</bpmndi:BPMNPlane></bpmndi:BPMNDiagram></bpmn:definitions>"
    )
    return _cut(browser, "bpmn", xml, cells)


def drawio(browser: Browser) -> list[Drawing]:
    """Every symbol of draw.io's BPMN palette that carries a sign."""
    cells: list[_Cell] = []
    outlines = {"standard": ("thin", False), "eventInt": ("thin", False), "eventNonint": ("thin", True),
                "catching": ("double", False), "boundInt": ("double", False), "boundNonint": ("double", True),
                "throwing": ("double", False), "end": ("thick", False)}  # fmt: skip
    symbols = {"general": "none", "parallelMultiple": "parallel_multiple"} | {
        s: s for s in ("message", "timer", "error", "signal", "escalation", "compensation", "conditional", "link",
                       "cancel", "multiple", "terminate")
    }  # fmt: skip
    for (outline, (ring, dashed)), (symbol, sign) in itertools.product(outlines.items(), symbols.items()):
        if (sign == "terminate") != (outline == "end") and sign == "terminate":
            continue
        filled = outline in ("throwing", "end") and sign != "none"
        style = f"shape=mxgraph.bpmn.event;perimeter=ellipsePerimeter;aspect=fixed;outline={outline};symbol={symbol};"
        cells.append(_Cell(EVENT, sign, style, (40, 40), (-1, -1, 41, 41), filled, ring, dashed))
    for outline, symbol, kind, sign in (
        ("none", "none", "none", "none"), ("none", "none", "exclusive", "exclusive"),
        ("none", "none", "parallel", "parallel"), ("none", "none", "complex", "complex"),
        ("end", "general", "none", "inclusive"), ("catching", "multiple", "event", "event"),
        ("standard", "multiple", "event", "event"), ("standard", "parallelMultiple", "event", "event"),
    ):  # fmt: skip
        style = f"shape=mxgraph.bpmn.gateway2;perimeter=rhombusPerimeter;outline={outline};symbol={symbol};"
        cells.append(_Cell(GATEWAY, sign, style + f"gwType={kind};", (50, 50), (0, 0, 50, 50)))
    base = "shape=mxgraph.bpmn.task;rectStyle=rounded;size=10;"
    markers = dict(
        zip(_CORNERS, ("user", "service", "script", "send", "receive", "manual", "businessRule"), strict=True)
    )
    for sign, marker in markers.items():
        cells.append(_Cell(CORNER, sign, f"{base}taskMarker={marker};", (120, 80), _CORNER_OF["drawio"]))
    for sign, flag in (
        ("loop", "isLoopStandard"), ("parallel", "isLoopMultiParallel"), ("sequential", "isLoopMultiSeq"),
        ("compensation", "isLoopComp"), ("adhoc", "isAdHoc"), ("collapsed", "isLoopSub"),
    ):  # fmt: skip
        cells.append(_Cell(FOOT, sign, f"{base}taskMarker=abstract;{flag}=1;", (120, 80), (40, 60, 80, 78.5)))
    rows = ['<mxCell id="0"/><mxCell id="1" parent="0"/>']
    for k, cell in enumerate(cells):
        x, y = _place(k)
        rows.append(
            f'<mxCell id="c{k}" value="" style="{cell.source}strokeColor=#000000;fillColor=#ffffff;" vertex="1"'
            f' parent="1"><mxGeometry x="{x:g}" y="{y:g}" width="{cell.size[0]:g}" height="{cell.size[1]:g}"'
            ' as="geometry"/></mxCell>'
        )
    return _cut(browser, "drawio", f"<mxGraphModel><root>{''.join(rows)}</root></mxGraphModel>", cells)


def icon_font(folder: Path) -> list[Drawing]:
    """The letters of bpmn-font: a third hand.

    Args:
        folder: of the font, with css/bpmn-codes.css and font/bpmn.ttf.
    """
    sheet = (folder / "css" / "bpmn-codes.css").read_text("utf-8")
    codes = dict(re.findall(r"\.bpmn-icon-([a-z-]+):before \{ content: '\\+([0-9a-f]+)'", sheet))
    font = ImageFont.truetype(str(folder / "font" / "bpmn.ttf"), 160)
    words = {"condition": "conditional", "parallel-multiple": "parallel_multiple"}
    out = []
    for name, code in codes.items():
        picture = _letter(font, chr(int(code, 16)))
        if picture is None:
            continue
        event = re.fullmatch(r"(start|intermediate|end)-event-(?:(catch|throw)-)?(non-interrupting-)?([a-z-]+)", name)
        if event:
            what, way, dashed, sign = event.groups()
            ring = {"start": "thin", "intermediate": "double", "end": "thick"}[what]
            filled = (way == "throw" or what == "end") and sign != "none"
            out.append(Drawing(EVENT, words.get(sign, sign), picture, filled, ring, bool(dashed)))
        elif name.startswith("gateway-"):
            sign = {"xor": "exclusive", "or": "inclusive", "eventbased": "event"}.get(name[8:], name[8:])
            out.append(Drawing(GATEWAY, sign, picture))
        elif name.replace("-", "_") in _CORNERS:
            out.append(Drawing(CORNER, name.replace("-", "_"), picture))
        elif name.endswith("-marker"):
            sign = {"parallel-mi": "parallel", "sequential-mi": "sequential", "ad-hoc": "adhoc",
                    "sub-process": "collapsed"}.get(name[:-7], name[:-7])  # fmt: skip
            out.append(Drawing(FOOT, sign, picture))
    return out


def _letter(font: ImageFont.FreeTypeFont, text: str) -> NDArray[np.uint8] | None:
    image = Image.new("L", (400, 400))
    ImageDraw.Draw(image).text((100, 100), text, fill=255, font=font)
    return tight(np.asarray(image, np.uint8))


def tight(picture: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """What is drawn of a picture, without the paper around it; None where nothing is."""
    ys, xs = np.nonzero(picture > 60)
    if len(ys) < 4:
        return None
    return picture[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1]


def _place(k: int) -> tuple[float, float]:
    return 20.0 + STEP * (k % 12), 20.0 + STEP * (k // 12)


def _di(id: str, x: float, y: float, size: tuple[float, float], marker: str) -> str:
    return (
        f'<bpmndi:BPMNShape id="{id}_di" bpmnElement="{id}"{marker}><dc:Bounds x="{x:g}" y="{y:g}"'
        f' width="{size[0]:g}" height="{size[1]:g}"/></bpmndi:BPMNShape>'
    )


def _cut(browser: Browser, tool: str, source: str, cells: list[_Cell]) -> list[Drawing]:
    """Draw a sheet and cut its signs out."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "sheet.png"
        geometry = browser.draw(tool, source, path, scale=ZOOM)
        sheet = 255 - np.asarray(Image.open(path).convert("L"), np.uint8)
    dx = geometry["offset"][0] - geometry["origin"][0]
    dy = geometry["offset"][1] - geometry["origin"][1]
    out = []
    for k, cell in enumerate(cells):
        x, y = _place(k)
        x0, y0, x1, y1 = (
            round((v + d) * ZOOM)
            for v, d in zip(cell.look, (x + dx, y + dy, x + dx, y + dy), strict=True)
        )  # fmt: skip
        view = sheet[y0:y1, x0:x1].copy()
        if cell.where == CORNER:
            rows, columns = np.mgrid[: view.shape[0], : view.shape[1]]
            view[rows + columns < (_ARC - cell.look[0] - cell.look[1]) * ZOOM] = 0
        picture = tight(view)
        if picture is not None:
            out.append(Drawing(cell.where, cell.sign, picture, cell.filled, cell.ring, cell.dashed))
    return out
