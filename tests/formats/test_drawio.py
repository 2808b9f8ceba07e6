# ruff: noqa: E501 (XML reads best unbroken)
"""draw.io: plain, packed, page by page, inside pictures; and nothing is lost without a word."""

from __future__ import annotations

import base64
import contextlib
import time
import zlib
from io import BytesIO
from urllib.parse import quote

import pytest
from drawn import diagrams, process, processes, unplaced
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from diagrasp.carriers import put_png_text
from diagrasp.errors import DiagraspError, InputError, NotFoundError, ParseError
from diagrasp.layout import arrange
from diagrasp.model import Box, Diagram
from diagrasp.testing import FormatContract
from diagrasp_formats.drawio import DrawioFormat
from diagrasp_formats.drawio.pages import html_text

FORMAT = DrawioFormat()
SLOW = settings(
    deadline=None, max_examples=80, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def model(*cells: str) -> str:
    return f'<mxGraphModel><root><mxCell id="0"/><mxCell id="1" parent="0"/>{"".join(cells)}</root></mxGraphModel>'


def vertex(
    id: str,
    value: str = "",
    style: str = "html=1;",
    box: str = 'x="0" y="0" width="100" height="40"',
    parent: str = "1",
) -> str:
    return f'<mxCell id="{id}" value="{value}" style="{style}" vertex="1" parent="{parent}"><mxGeometry {box} as="geometry"/></mxCell>'


def edge(id: str, source: str, target: str, value: str = "", style: str = "html=1;", inner: str = "") -> str:
    return f'<mxCell id="{id}" value="{value}" style="{style}" edge="1" parent="1" source="{source}" target="{target}"><mxGeometry relative="1" as="geometry">{inner}</mxGeometry></mxCell>'


def read(*cells: str) -> Diagram:
    return FORMAT.read(model(*cells).encode()).diagram


@SLOW
@given(processes(), st.booleans())
def test_processes_come_back_exactly(diagram: Diagram, packed: bool) -> None:
    written = FORMAT.write(diagram, compressed=packed)
    assert written.losses == ()
    back = FORMAT.read(written.data)
    assert unplaced(back.diagram) == diagram
    assert back.losses == ()
    assert FORMAT.read(FORMAT.write(back.diagram).data).diagram == back.diagram
    assert FORMAT.write(diagram, compressed=packed) == written


@SLOW
@given(diagrams())
def test_everything_comes_back_or_is_told(diagram: Diagram) -> None:
    written = FORMAT.write(diagram)
    back = FORMAT.read(written.data).diagram
    told = {(loss.feature.partition(".")[0], loss.element) for loss in written.losses}
    elements = {element for _, element in told}
    for before, after in ((diagram.nodes, back.nodes), (diagram.edges, back.edges), (diagram.groups, back.groups)):
        found = {item.id: item for item in after}
        for item in before:
            plain = item.model_copy(
                update={"confidence": None, **{k: None for k in ("box", "path") if hasattr(item, k)}}
            )
            other = found[item.id]
            other = other.model_copy(update={k: None for k in ("box", "path") if hasattr(other, k)})
            assert plain == other or item.id in elements
    assert back.kind == diagram.kind
    assert diagram.direction is None or ("direction", "") in told


@SLOW
@given(processes())
def test_positions_come_back_exactly(diagram: Diagram) -> None:
    placed = arrange(diagram)
    back = FORMAT.read(FORMAT.write(placed).data).diagram
    for before, after in zip(placed.nodes, back.nodes, strict=True):
        assert tuple(before.box) == pytest.approx(tuple(after.box), abs=1e-6)
    assert [e.path for e in back.edges] == [e.path for e in placed.edges]


@pytest.mark.parametrize(
    ("style", "shape"),
    [
        ("rhombus;html=1;", "decision"), ("ellipse;html=1;", "ellipse"), ("rounded=1;html=1;", "rounded"),
        ("rounded=1;arcSize=50;", "stadium"), ("shape=parallelogram;", "data"), ("shape=cylinder3;", "database"),
        ("shape=document;", "document"), ("shape=note;", "note"), ("shape=umlActor;", "actor"),
        ("shape=mxgraph.flowchart.terminator;", "terminal"), ("shape=mxgraph.flowchart.decision;", "decision"),
        ("shape=process;", "subprocess"), ("ellipse;aspect=fixed;", "circle"), ("", "process"), ("triangle;", "process"),
        ("shape=mxgraph.bpmn.event;outline=standard;symbol=message;", "start_event"),
        ("shape=mxgraph.bpmn.event;outline=throwing;symbol=signal;", "intermediate_event"),
        ("shape=mxgraph.bpmn.event;outline=end;symbol=terminate2;", "end_event"),
        ("shape=mxgraph.bpmn.event;outline=boundInt;symbol=timer;", "boundary_event"),
        ("shape=mxgraph.bpmn.gateway2;outline=none;symbol=none;gwType=parallel;", "parallel_gateway"),
        ("shape=mxgraph.bpmn.gateway2;outline=end;symbol=general;", "inclusive_gateway"),
        ("shape=mxgraph.bpmn.shape;perimeter=rhombusPerimeter;background=gateway;symbol=exclusiveGw;", "exclusive_gateway"),
        ("shape=mxgraph.bpmn.task2;taskMarker=user;", "user_task"),
        ("shape=mxgraph.bpmn.task;taskMarker=service;", "service_task"),
        ("shape=mxgraph.bpmn.task2;bpmnShapeType=call;", "call_activity"),
        ("shape=mxgraph.bpmn.data2;", "data_object"), ("shape=datastore;", "database"),
    ],
)  # fmt: skip
def test_shapes_by_style(style: str, shape: str) -> None:
    assert read(vertex("a", "Текст", style)).nodes[0].shape == shape


@pytest.mark.parametrize(
    ("style", "line", "head", "tail", "kind"),
    [
        ("", "solid", "arrow", "none", "flow"),
        ("dashed=1;endArrow=none;", "dashed", "none", "none", "association"),
        ("dashed=1;dashPattern=1 2;endArrow=open;", "dotted", "open_arrow", "none", "flow"),
        ("strokeWidth=4;startArrow=classic;", "thick", "arrow", "arrow", "flow"),
        ("endArrow=block;endFill=0;", "solid", "triangle", "none", "inheritance"),
        ("endArrow=block;endFill=0;dashed=1;", "dashed", "triangle", "none", "realization"),
        ("endArrow=none;startArrow=diamondThin;startFill=1;", "solid", "none", "filled_diamond", "composition"),
        ("endArrow=ERzeroToMany;startArrow=ERmandOne;", "solid", "zero_or_many", "one", "relation"),
        ("dashed=1;startArrow=oval;startFill=0;endArrow=block;endFill=0;", "dashed", "arrow", "none", "message"),
    ],
)
def test_edges_by_style(style: str, line: str, head: str, tail: str, kind: str) -> None:
    (found,) = read(
        vertex("a", "A"), vertex("b", "B", box='x="200" y="0" width="9" height="9"'), edge("e", "a", "b", style=style)
    ).edges
    assert (found.line, found.head, found.tail, found.kind) == (line, head, tail, kind)


def test_an_arrow_drawn_backwards_is_turned() -> None:
    (found,) = read(vertex("a"), vertex("b"), edge("e", "a", "b", style="startArrow=classic;endArrow=none;")).edges
    assert (found.source, found.target, found.head, found.tail) == ("b", "a", "arrow", "none")


def test_html_becomes_text_on_one_line() -> None:
    value = "&lt;b&gt;Проверить&lt;/b&gt;&lt;br&gt;заявку&amp;nbsp;&amp;lt;№1&amp;gt;&lt;div&gt;сегодня&lt;/div&gt;&lt;style&gt;p{}&lt;/style&gt;"
    assert read(vertex("a", value)).nodes[0].label == "Проверить заявку <№1> сегодня"
    assert read(vertex("a", "a &lt;b&gt; c", style="")).nodes[0].label == "a <b> c"
    assert html_text("<" * 2000 + "&" * 100) == "<" * 2000 + "&" * 100


def test_what_has_no_size_is_not_read() -> None:
    """Pasted shapes stay behind in a label so, and whoever looks at the drawing does not see them."""
    hidden = '<span style="color: rgba(0, 0, 0, 0); font-size: 0px; font-family: monospace">%3Cmx<span>Graph</span>%3E</span>'
    assert html_text(f"Сохранить{hidden} заявку") == "Сохранить заявку"
    assert html_text('<span style="font-size: 0.8em">Сохранить</span>') == "Сохранить"
    assert html_text('Сохранить<br style="font-size: 0">заявку') == "Сохранить заявку"


def test_edge_labels_stand_in_cells_of_their_own() -> None:
    label = '<mxCell id="l{0}" value="{1}" style="edgeLabel;html=1;" vertex="1" connectable="0" parent="e"><mxGeometry x="{2}" relative="1" as="geometry"/></mxCell>'
    one = read(vertex("a"), vertex("b"), edge("e", "a", "b"), label.format(1, "да", "-0.7")).edges[0]
    assert (one.label, one.source_label, one.target_label) == ("да", "", "")
    cells = [label.format(1, "1", "-0.8"), label.format(2, "0..*", "0.8"), label.format(3, "имеет", "0")]
    three = read(vertex("a"), vertex("b"), edge("e", "a", "b"), *cells).edges[0]
    assert (three.label, three.source_label, three.target_label) == ("имеет", "1", "0..*")


def test_pools_lanes_and_positions_add_up() -> None:
    diagram = read(
        vertex("p", "Банк", "swimlane;horizontal=0;", 'x="100" y="50" width="600" height="300"'),
        vertex("l", "Офис", "swimlane;horizontal=0;", 'x="20" y="0" width="580" height="150"', "p"),
        vertex("m", "Склад", "swimlane;horizontal=0;", 'x="20" y="150" width="580" height="150"', "p"),
        vertex("a", "Принять", "rounded=1;", 'x="40" y="30" width="100" height="40"', "l"),
        vertex("b", "Отдать", "rounded=1;", 'x="40" y="30" width="100" height="40"', "m"),
        edge("e", "a", "b"),
    )
    assert [(g.id, g.kind, g.parent) for g in diagram.groups] == [
        ("p", "pool", None),
        ("l", "lane", "p"),
        ("m", "lane", "p"),
    ]
    assert [n.box for n in diagram.nodes] == [Box(160, 80, 100, 40), Box(160, 230, 100, 40)]
    assert [diagram.role(n) for n in diagram.nodes] == ["Офис", "Склад"]


def test_classes_with_rows() -> None:
    diagram = read(
        vertex("c", "Заказ", "swimlane;fontStyle=1;childLayout=stackLayout;startSize=26;"),
        vertex("r1", "+ номер: int", "text;strokeColor=none;", parent="c"),
        vertex("r2", "", "line;strokeWidth=1;", parent="c"),
        vertex("r3", "+ оплатить()", "text;strokeColor=none;", parent="c"),
        vertex("d", "Счёт"),
        edge("e", "r3", "d", style="endArrow=block;endFill=0;"),
    )
    assert diagram.nodes[0].rows == ("+ номер: int", "+ оплатить()")
    assert (diagram.kind, diagram.edges[0].source) == ("class", "c")


def test_rectangles_that_others_lie_on_are_containers() -> None:
    diagram = read(
        vertex("g", "Подсистема", "verticalAlign=top;", 'x="0" y="0" width="400" height="200"'),
        vertex("a", "A", box='x="20" y="60" width="100" height="40"'),
        vertex("b", "B", box='x="200" y="60" width="100" height="40"'),
        vertex("c", "C", box='x="500" y="60" width="100" height="40"'),
    )
    assert {n.id: n.group for n in diagram.nodes} == {"a": "g", "b": "g", "c": None}
    assert diagram.groups[0].label == "Подсистема"


def test_containers_of_cloud_drawings_keep_what_lies_in_them() -> None:
    """Icons of clouds may hold others; what they hold was once left out without a word."""
    icon = "shape=mxgraph.aws4.resourceIcon;html=1;"
    diagram = read(
        vertex(
            "net", "Network", "shape=mxgraph.aws4.group;container=1;html=1;", 'x="0" y="0" width="300" height="200"'
        ),
        vertex("fn", "Worker", icon, 'x="40" y="60" width="60" height="60"', parent="net"),
        vertex("box", "Zone", "shape=mxgraph.aws4.groupCenter;html=1;", 'x="400" y="0" width="300" height="200"'),
        vertex("db", "Store", icon, 'x="40" y="60" width="60" height="60"', parent="box"),
        edge("e", "fn", "db"),
    )
    assert {g.id: g.label for g in diagram.groups} == {"net": "Network", "box": "Zone"}
    assert {(n.label, n.group) for n in diagram.nodes} == {("Worker", "net"), ("Store", "box")}
    assert [(e.source, e.target) for e in diagram.edges] == [("fn", "db")]


def test_the_stereotype_of_a_class_is_no_part_of_its_name() -> None:
    row = vertex("r", "+ run()", "text;html=1;", parent="c")
    head = "swimlane;childLayout=stackLayout;html=1;"
    found = FORMAT.read(
        model(vertex("c", "&amp;lt;&amp;lt;Interface&amp;gt;&amp;gt;&lt;br&gt;Runner", head), row).encode()
    )
    assert [n.label for n in found.diagram.nodes] == ["Runner"]
    assert [loss.feature for loss in found.losses] == ["stereotype"]


def test_loose_text_becomes_the_label_of_what_it_is_on() -> None:
    diagram = read(
        vertex("a", "", "rhombus;", 'x="0" y="0" width="100" height="60"'),
        vertex("t", "Готово?", "text;html=1;", 'x="30" y="20" width="40" height="20"'),
        vertex("b", "B", box='x="300" y="10" width="100" height="40"'),
        edge("e", "a", "b"),
        vertex("u", "да", "text;html=1;", 'x="180" y="10" width="20" height="20"'),
    )
    assert [n.label for n in diagram.nodes] == ["Готово?", "B"]
    assert diagram.edges[0].label == "да"


def test_loose_ends_snap_or_are_told() -> None:
    ends = '<mxPoint x="{0}" y="20" as="sourcePoint"/><mxPoint x="{1}" y="20" as="targetPoint"/>'
    cells = [vertex("a", "A"), vertex("b", "B", box='x="200" y="0" width="100" height="40"')]
    assert read(*cells, edge("e", "", "", inner=ends.format(103, 195))).edges[0].target == "b"
    result = FORMAT.read(model(*cells, edge("e", "", "", inner=ends.format(150, 195))).encode())
    assert [(loss.feature, loss.element) for loss in result.losses] == [("edge", "e")]


def test_pages_packed_and_inside_pictures() -> None:
    def packed(xml: str) -> str:
        engine = zlib.compressobj(9, zlib.DEFLATED, -15)
        return base64.b64encode(engine.compress(quote(xml).encode()) + engine.flush()).decode()

    pages = f'<diagram name="Первая">{packed(model(vertex("a", "Один")))}</diagram><diagram name="Page-2">{model(vertex("b", "Два"))}</diagram>'
    data = f"<mxfile>{pages}</mxfile>".encode()
    first, second = FORMAT.read(data), FORMAT.read(data, page=2)
    assert (first.pages, first.diagram.title, first.diagram.nodes[0].label) == (2, "Первая", "Один")
    assert (second.diagram.title, second.diagram.nodes[0].label) == (None, "Два")
    with pytest.raises(NotFoundError):
        FORMAT.read(data, page=3)
    out = BytesIO()
    Image.new("RGB", (3, 3)).save(out, "PNG")
    png = put_png_text(out.getvalue(), "mxfile", quote(data.decode()))
    assert FORMAT.read(png).diagram == first.diagram
    assert FORMAT.sniff(png) > 0.5
    assert FORMAT.sniff(out.getvalue()) == 0.0
    with pytest.raises(ParseError):
        FORMAT.read(out.getvalue())


def test_objects_with_attributes_and_hidden_layers() -> None:
    cells = (
        '<object label="Шаг" id="o" owner="me"><mxCell style="html=1;" vertex="1" parent="1"><mxGeometry width="9" height="9" as="geometry"/></mxCell></object>'
        '<mxCell id="2" value="Черновик" parent="0" visible="0"/>' + vertex("h", "Скрыто", parent="2")
    )
    result = FORMAT.read(model(cells).encode())
    assert [n.label for n in result.diagram.nodes] == ["Шаг"]
    assert [(loss.feature, loss.element) for loss in result.losses] == [
        ("details", "o"),
        ("hidden", "2"),
        ("hidden", "h"),
    ]


@pytest.mark.parametrize(
    "data",
    [
        b"", b"<a/>", b"mxfile", b"<mxfile", b"<mxfile><diagram>@@@</diagram></mxfile>", b"<mxfile><diagram>AAAA</diagram></mxfile>",
        b'<!DOCTYPE m [<!ENTITY e "x">]><mxfile>&e;</mxfile>',
        ("<mxfile><diagram>" + base64.b64encode(zlib.compress(b"a" * 40_000_000, 9)[2:-4]).decode() + "</diagram></mxfile>").encode(),
        model(vertex("a", box='x="1e400" y="0" width="1" height="1"')).encode(),
        model(vertex("a", box='x="left" y="0" width="1" height="1"')).encode(),
        model(*(vertex(f"v{k}", parent=f"v{k - 1}" if k else "1") for k in range(400))).encode(),
    ],
)  # fmt: skip
def test_bad_input_is_refused(data: bytes) -> None:
    with pytest.raises(ParseError):
        FORMAT.read(data)


def test_cells_that_hold_each_other_end() -> None:
    assert read(vertex("a", parent="b"), vertex("b", parent="a"), edge("e", "a", "b")).nodes == ()


@SLOW
@given(processes(), st.data())
def test_damaged_files_raise_only_our_errors(diagram: Diagram, data: st.DataObject) -> None:
    raw = bytearray(FORMAT.write(diagram).data)
    for _ in range(data.draw(st.integers(1, 12))):
        place = data.draw(st.integers(0, len(raw) - 1))
        raw[place : place + data.draw(st.integers(0, 20))] = data.draw(st.binary(max_size=4))
    with contextlib.suppress(DiagraspError):
        FORMAT.read(bytes(raw))


def test_options() -> None:
    for options in ({"compressed": "perhaps"}, {"theme": "dark"}):
        with pytest.raises(InputError):
            FORMAT.write(Diagram(), **options)


def test_a_thousand_steps_are_quick() -> None:
    written = FORMAT.write(process(1000))
    started = time.process_time()
    assert len(FORMAT.read(written.data).diagram.nodes) == 1000
    assert time.process_time() - started < 1.5


class TestContract(FormatContract):
    format = FORMAT

    def _round_trip(self, diagram: Diagram) -> None:
        super()._round_trip(arrange(diagram))  # what has no place is given one
