"""The corpus' sources are what they claim to be, and whatever stands in one is in its graph or in a loss."""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from tools import NodeTools, Verdict, bpmn_schema
from visio import source

from diagrasp.formats import FormatRegistry
from diagrasp.xmltree import Tag, parse_xml
from diagrasp_formats._html import html_text
from diagrasp_formats.bpmn.names import NODES, local

CORPUS = Path(__file__).parent / "corpus"
REGISTRY = FormatRegistry(external=False)
ODD = {
    "eclipse-documented-ru": "unresolved reference <tns:",  # the schema's references have a prefix, moddle's have none
    "eclipse-no-di-collaboration": "unresolved reference <tns:|no diagram to display",
    "plain-end-events-ru": "no diagram to display",
    "plain-no-di-ru": "illegal ID|unresolved reference|no diagram to display",  # Cyrillic ids, which the schema allows
    "signavio-data-objects": "DataObject .* not yet drawn",  # drawn themselves, not by a reference
    "storm-task-kinds-ru": "unknown attribute <(bioc|color):",
    "arrows-loose": "dangling was dropped|endBinding of arrow lost",
    "bindings-new-ru": "Binding of arrow|boundElements of rectangle c",  # of a later version than the tool
    "deleted": "boundElements of rectangle",  # those of what was deleted
    "freedraw-images-ru": "lastCommittedPoint",
    "loose-texts-ru": "isDeleted of text em",  # an empty text
    "states-ru": "boundElements of rectangle w",  # twice by the arrow that goes around it
    "version-1": 'type of line dr: "draw"',
}
"""What tools say of sources that are odd on purpose."""


@pytest.fixture(scope="module")
def node() -> Iterator[NodeTools]:
    with NodeTools() as tools:
        yield tools


def sources(format: str) -> list[Path]:
    return sorted(path for path in (CORPUS / format).glob("*") if path.suffix != ".graph")


def told(format: str, data: bytes) -> set[str]:
    """The ids that the graphs and losses of all pages name."""
    reader = REGISTRY.reader(format)
    found: set[str] = set()
    for page in range(1, reader.read(data).pages + 1):
        read = reader.read(data, page=page)
        for items in (read.diagram.nodes, read.diagram.edges, read.diagram.groups):
            found |= {item.id for item in items}
        found |= {loss.element for loss in read.losses}
    return found


def complains(path: Path, verdict: Verdict) -> bool:
    return any(not re.search(ODD.get(path.stem, r"\Z."), each) for each in verdict.complaints)


def text(path: Path) -> str:
    """The source as text for a tool that takes UTF-8."""
    data = path.read_bytes()
    declared = "windows-1251" if b'encoding="windows-1251"' in data[:100] else "utf-8-sig"
    found = data.decode("utf-16" if data.startswith(b"\xff\xfe") else declared)
    return re.sub(r'encoding="[\w-]+"', 'encoding="UTF-8"', found, count=1)


# -- BPMN --------------------------------------------------------------------------------------------------------------

BPMN_PARTS = {
    *NODES, "participant", "lane", "group", "sequenceFlow", "messageFlow", "association", "dataInputAssociation",
    "dataOutputAssociation", "conversation", "subConversation", "conversationLink", "choreographyTask",
    "subChoreography",
}  # fmt: skip


def unseen(tag: Tag, drawn: set[str]) -> bool:
    """Parts that show nothing of their own: what a reference stands for, containers without a name, inner data."""
    if tag.name == "dataObject":
        return tag.get("id") not in drawn
    if tag.name in ("participant", "lane"):
        return not tag.get("name")
    if tag.name in ("dataInput", "dataOutput"):
        return tag.get("id") not in drawn
    return tag.name == "dataInputAssociation" and tag.find("sourceRef") is None


@pytest.mark.parametrize("path", sources("bpmn"), ids=lambda path: path.stem)
def test_nothing_of_a_bpmn_source_vanishes(path: Path) -> None:
    root = parse_xml(path.read_bytes())
    drawn = {local(tag.get("bpmnElement")) for tag in root.walk() if tag.get("bpmnElement")}
    parts = [tag for tag in root.walk() if tag.name in BPMN_PARTS and not unseen(tag, drawn)]
    missing = {tag.get("id") for tag in parts} - told("bpmn", path.read_bytes())
    assert not missing


def test_bpmn_sources_are_valid(node: NodeTools, tmp_path: Path) -> None:
    paths = sources("bpmn")
    for path, verdict in zip(paths, bpmn_schema((path.read_bytes() for path in paths), tmp_path), strict=True):
        assert not verdict.complaints, (path.name, verdict.complaints)
    verdicts = [(path, tool, node.ask(tool, text(path))) for path in paths for tool in ("moddle", "bpmn")]
    assert {(path.stem, tool): verdict.complaints for path, tool, verdict in verdicts if complains(path, verdict)} == {}


# -- draw.io -----------------------------------------------------------------------------------------------------------


def models(path: Path) -> list[Tag]:
    """The pages of a drawing, unpacked."""
    root = parse_xml(path.read_bytes())
    if root.name == "mxGraphModel":
        return [root]
    return [each.find("mxGraphModel") or parse_xml(unpacked(each.text)) for each in root.all("diagram")]


def unpacked(text: str) -> str:
    return unquote(zlib.decompress(base64.b64decode(text), -15).decode())


def words(format: str, data: bytes) -> str:
    """Every text of the graphs of all pages, without white space."""
    reader = REGISTRY.reader(format)
    found: list[str] = []
    for page in range(1, reader.read(data).pages + 1):
        read = reader.read(data, page=page)
        diagram = read.diagram
        found += [diagram.title or "", *(loss.message for loss in read.losses)]
        found += [text for node in diagram.nodes for text in (node.label, *node.rows)]
        found += [text for edge in diagram.edges for text in (edge.label, edge.source_label, edge.target_label)]
        found += [group.label for group in diagram.groups]
    return "".join("".join(found).split())


@pytest.mark.parametrize("path", sources("drawio"), ids=lambda path: path.stem)
def test_nothing_of_a_drawing_vanishes(path: Path) -> None:
    data = path.read_bytes()
    ids, shown = told("drawio", data), words("drawio", data)
    missing = []
    for model in models(path):
        root = model.find("root")
        assert root is not None
        for outer in root.children:
            cell = outer if outer.name == "mxCell" else outer.find("mxCell")
            id = outer.get("id")
            assert cell is not None
            if id in ids or (cell.get("vertex") != "1" and cell.get("edge") != "1"):
                continue
            label = "".join(html_text(outer.get("value") or outer.get("label")).split())
            small = cell.get("edge") != "1" and (not label or label in shown)  # a row, a label, a sign, a plain group
            if not small or (not label and cell.get("parent") == "1" and not cell.get("style").startswith(QUIET)):
                missing.append((id, label))
    assert missing == []


QUIET = ("group", "text")
"""Styles of cells that show nothing without a label."""


def test_drawings_are_decoded(node: NodeTools) -> None:
    verdicts = {}
    for path in sources("drawio"):
        data = text(path)
        for packed in re.findall(r"<diagram[^>]*>([^<]+)</diagram>", data):
            verdict = node.ask("mxgraph", unpacked(packed)) if packed.strip() else None
            verdicts[path.stem] = verdict.complaints if verdict else ()
        if "<mxGraphModel" in data:
            verdicts[path.stem] = node.ask("mxgraph", data).complaints
    assert len(verdicts) == len(sources("drawio"))
    assert {name: told for name, told in verdicts.items() if told and name not in LOOSE} == {}
    assert all(verdicts[name] and all("loose end" in each for each in verdicts[name]) for name in LOOSE)


LOOSE = {"edge-ends"}
"""Drawings with connectors that end on nothing, on purpose."""


# -- Excalidraw --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sources("excalidraw"), ids=lambda path: path.stem)
def test_nothing_of_a_scene_vanishes(path: Path) -> None:
    data = path.read_bytes()
    ids, shown = told("excalidraw", data), words("excalidraw", data)
    missing = []
    for element in json.loads(data)["elements"]:
        if element.get("isDeleted") or element["id"] in ids:
            continue
        label = "".join((element.get("originalText") or element.get("text") or "").split())
        if element["type"] != "text" or label not in shown:
            missing.append(element["id"])
    assert [id for id in missing if (path.stem, id) not in PARTS] == []


PARTS = {("states-ru", "fi"), ("class-of-lines", "d1"), ("class-of-lines", "d2")}
"""Elements that are parts of others: the dot of an end, the rules of a class."""


def test_scenes_are_restored(node: NodeTools) -> None:
    verdicts = {path: node.ask("excalidraw", text(path)) for path in sources("excalidraw")}
    assert {path.stem: told.complaints for path, told in verdicts.items() if complains(path, told)} == {}


# -- Visio -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sources("vsdx"), ids=lambda path: path.stem)
def test_nothing_of_a_visio_page_vanishes(path: Path) -> None:
    data = source(path)
    ids, shown = told("vsdx", data), words("vsdx", data)
    missing = []
    drawing = parse_xml(path.read_bytes())
    rules = {m.get("ID") for m in drawing.walk() if m.name == "Master" and m.get("NameU").startswith("Separator")}
    for page in drawing.all("Page"):
        if page.get("Background") == "1":
            continue
        for shape in (tag for tag in page.walk() if tag.name == "Shape"):
            label = "".join("".join(t.full_text() for t in shape.all("Text")).split())
            seen = {shape.get("ID"), f"c{shape.get('ID')}"} & ids
            drawn = shape.get("Master") not in {"", *rules} and not UNSEEN & set(values(shape))
            says = label not in shown if label else drawn
            if not seen and says:
                missing.append((shape.get("ID"), label))
    assert missing == []


UNSEEN = {"List", "Container"}
"""What Visio keeps lanes together with, and shows nothing of."""


def values(shape: Tag) -> list[str]:
    return [cell.get("V") for part in shape.all("Section") for row in part.all("Row") for cell in row.all("Cell")]


# -- and back ----------------------------------------------------------------------------------------------------------

PLACES = {"box", "path", "confidence"}


@pytest.mark.parametrize(
    "path", [p for f in ("bpmn", "drawio", "excalidraw") for p in sources(f)], ids=lambda p: p.stem
)
def test_what_a_source_means_is_written_and_read_again(path: Path) -> None:
    """Everything comes back, but for places and what is told."""
    format = path.parent.name
    reader, writer = REGISTRY.reader(format), REGISTRY.writer(format)
    before = reader.read(path.read_bytes()).diagram
    written = writer.write(before)
    after = reader.read(written.data).diagram
    told = {loss.element for loss in written.losses}
    for items, others in ((before.nodes, after.nodes), (before.edges, after.edges), (before.groups, after.groups)):
        there = {other.id: other.model_dump(exclude=PLACES) for other in others}
        for item in items:
            assert item.id in told or there[item.id] == item.model_dump(exclude=PLACES)
        assert len(others) == len(items)
