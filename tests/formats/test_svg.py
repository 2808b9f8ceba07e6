"""The SVG redraw: valid, safe, exact to read back, and drawn where it should be."""

from __future__ import annotations

import contextlib
import re
from typing import get_args

import pytest
from drawn import HOSTILE, diagrams, process
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diagrasp.errors import DiagraspError, InputError, NotFoundError, ParseError
from diagrasp.layout import arrange
from diagrasp.model import Diagram, Head, Marker, Shape, Trigger
from diagrasp.testing import FormatContract
from diagrasp.xmltree import Tag, parse_xml, xml_attr
from diagrasp_formats.drawio import DrawioFormat
from diagrasp_formats.svg import SvgFormat

FORMAT = SvgFormat()
SLOW = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def elements(data: bytes, kind: str) -> dict[str, Tag]:
    found = (tag for tag in parse_xml(data).walk() if tag.name == "g" and tag.get("class").split(" ")[0] == kind)
    return {tag.get("data-id"): tag for tag in found}


def texts(data: bytes) -> str:
    return " ".join(" ".join(t.full_text() for t in parse_xml(data).walk() if t.name == "text").split())


@SLOW
@given(diagrams(), st.sampled_from(["light", "dark"]))
def test_reads_back_exactly_whatever_it_is(diagram: Diagram, theme: str) -> None:
    written = FORMAT.write(diagram, theme=theme)
    assert FORMAT.read(written.data).diagram == diagram
    assert FORMAT.write(diagram, theme=theme) == written
    assert set(elements(written.data, "edge")) == {edge.id for edge in diagram.edges}


@SLOW
@given(diagrams())
def test_holds_nothing_that_a_browser_would_run_or_fetch(diagram: Diagram) -> None:
    for tag in parse_xml(FORMAT.write(diagram).data).walk():
        assert tag.name in {
            "svg", "title", "metadata", "diagram", "g", "rect", "ellipse", "path", "text", "tspan",
        }  # fmt: skip
        assert not any(key.lower().startswith("on") or "href" in key.lower() for key in tag.attrs)
        assert "nan" not in str(tag.attrs.get("d", ""))
        assert "inf" not in str(tag.attrs.get("d", ""))


@pytest.mark.parametrize("shape", get_args(Shape))
def test_every_shape_is_drawn_with_its_label(shape: str) -> None:
    node = {"id": "n", "label": "Заявка", "shape": shape, "rows": ["поле"] if shape == "class" else []}
    written = FORMAT.write(Diagram(nodes=[node]))
    drawn = elements(written.data, "node")["n"]
    marks = [t for t in drawn.walk() if t.name in ("rect", "ellipse", "path")]
    assert marks or shape == "text"
    assert "Заявка" in texts(written.data)


@pytest.mark.parametrize("shape", ["start_event", "intermediate_event", "boundary_event", "end_event"])
@pytest.mark.parametrize("trigger", get_args(Trigger))
def test_every_trigger_has_its_sign(shape: str, trigger: str) -> None:
    def marks(sign: str | None) -> int:
        node = {"id": "n", "shape": shape, "trigger": sign}
        return len(elements(FORMAT.write(Diagram(nodes=[node])).data, "node")["n"].children)

    assert marks(trigger) > marks(None)


@pytest.mark.parametrize("marker", sorted(set(get_args(Marker)) - {"throwing", "non_interrupting"}))
def test_every_activity_marker_is_drawn(marker: str) -> None:
    plain, marked = (
        FORMAT.write(Diagram(kind="bpmn", nodes=[{"id": "n", "shape": "user_task", "markers": m}]), carry="no").data
        for m in ([], [marker])
    )
    assert len(elements(marked, "node")["n"].children) > len(elements(plain, "node")["n"].children)


@pytest.mark.parametrize("head", [h for h in get_args(Head) if h != "none"])
def test_every_head_and_tail_is_drawn(head: str) -> None:
    def parts(**ends: str) -> int:
        nodes = [{"id": "a", "label": "A"}, {"id": "b", "label": "B"}]
        diagram = Diagram(nodes=nodes, edges=[{"id": "e", "source": "a", "target": "b", **ends}])
        return len(elements(FORMAT.write(diagram).data, "edge")["e"].children)

    bare = parts(head="none", tail="none")
    assert parts(head=head, tail="none") > bare
    assert parts(head=head, tail=head) > parts(head=head, tail="none")


def test_known_geometry_stays_where_it_was() -> None:
    nodes = [{"id": "a", "label": "A", "box": [100, 50, 120, 60]}, {"id": "b", "label": "B", "box": [400, 50, 120, 60]}]
    edge = {"id": "e", "source": "a", "target": "b", "path": [[222, 80], [396, 81]]}
    data = FORMAT.write(Diagram(nodes=nodes, edges=[edge])).data
    rect = next(t for t in elements(data, "node")["a"].walk() if t.name == "rect")
    assert [rect.get(k) for k in ("x", "y", "width", "height")] == ["100", "50", "120", "60"]
    line = next(t for t in elements(data, "edge")["e"].walk() if t.name == "path")
    assert line.get("d").startswith("M220 80")  # led to the outline, which the picture's line missed by two pixels


def test_text_stays_inside_its_box() -> None:
    label = "Проверить комплектность приложенных документов и сроки их действия"
    data = FORMAT.write(Diagram(nodes=[{"id": "n", "label": label, "shape": "task"}])).data
    node = elements(data, "node")["n"]
    rect = next(t for t in node.walk() if t.name == "rect")
    text = next(t for t in node.walk() if t.name == "text")
    lines = [t for t in text.walk() if t.name == "tspan"] or [text]
    assert " ".join(t.text for t in lines) == label
    height = 1.25 * float(text.get("font-size")) * len(lines)
    assert height < float(rect.get("height"))


def test_a_label_too_long_for_its_box_is_told() -> None:
    node = {"id": "n", "label": "очень длинный текст " * 30, "box": [0, 0, 80, 30]}
    other = {"id": "m", "label": "Да", "box": [100, 0, 80, 30]}
    written = FORMAT.write(Diagram(nodes=[node, other, *({**other, "id": f"m{i}"} for i in range(8))]))
    assert [(loss.feature, loss.element) for loss in written.losses] == [("label", "n")]


def test_lanes_have_turned_titles_where_they_lie_level() -> None:
    groups = [
        {"id": "p", "label": "Банк", "kind": "pool"},
        {"id": "l1", "label": "Офис", "kind": "lane", "parent": "p"},
        {"id": "l2", "label": "Склад", "kind": "lane", "parent": "p"},
    ]
    nodes = [{"id": "a", "label": "A", "shape": "task", "group": "l1"}, {"id": "b", "label": "B", "group": "l2"}]
    diagram = Diagram(kind="bpmn", nodes=nodes, groups=groups, edges=[{"source": "a", "target": "b"}])
    for id, title in (("p", "Банк"), ("l1", "Офис"), ("l2", "Склад")):
        text = next(t for t in elements(FORMAT.write(diagram).data, "group")[id].walk() if t.name == "text")
        assert text.text == title
        assert "rotate(-90" in text.get("transform")
    upright = diagram.model_copy(update={"direction": "TB"})
    text = next(t for t in elements(FORMAT.write(upright).data, "group")["l1"].walk() if t.name == "text")
    assert not text.get("transform")


def test_sequence_has_lifelines_and_frames() -> None:
    diagram = Diagram(
        kind="sequence",
        nodes=[
            {"id": "a", "label": "Клиент", "shape": "actor"},
            {"id": "b", "label": "Сервер", "shape": "participant"},
        ],
        groups=[
            {"id": "f", "label": "alt успех", "kind": "frame"},
            {"id": "s", "label": "else", "kind": "section", "parent": "f"},
        ],
        edges=[
            {"source": "a", "target": "b", "label": "запрос"},
            {"source": "b", "target": "a", "label": "ответ", "line": "dashed", "group": "f"},
            {"source": "b", "target": "b", "label": "сам себе", "group": "s"},
        ],
    )
    data = FORMAT.write(diagram).data
    assert {"f", "s"} == set(elements(data, "group"))
    assert "[успех]" in texts(data)
    assert "[else]" in texts(data)
    assert "сам себе" in texts(data)


def test_themes_differ_and_unknown_options_are_refused() -> None:
    diagram = Diagram(nodes=[{"id": "a"}])
    light, dark = FORMAT.write(diagram).text, FORMAT.write(diagram, theme="dark").text
    assert light != dark
    assert "#ffffff" in light
    assert "<rect" not in FORMAT.write(diagram, background="no", carry="no").text.split("<g", 1)[0]
    for options in ({"theme": "pink"}, {"colour": "red"}, {"carry": "maybe"}):
        with pytest.raises(InputError):
            FORMAT.write(diagram, **options)


def test_hostile_labels_are_escaped() -> None:
    nodes = [{"id": f"n{i}", "label": label} for i, label in enumerate(HOSTILE)]
    data = FORMAT.write(Diagram(title="<script>alert(1)</script>", nodes=nodes)).data
    assert b"<script" not in data
    assert b"<b>" not in data
    assert re.search(rb"\]\]>", data) is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\x89PNG",
        b"<svg><metadata>{</metadata></svg>",
        b"\xff\xfe\x00",
    ],
)
def test_other_svg_is_refused(data: bytes) -> None:
    with pytest.raises(ParseError):
        FORMAT.read(data)
    with pytest.raises(NotFoundError):
        FORMAT.read(FORMAT.write(Diagram()).data, page=2)


def test_sources_that_other_tools_leave_are_read() -> None:
    source = DrawioFormat().write(Diagram(nodes=[{"id": "a", "label": "Шаг", "shape": "document"}])).text
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" content="{xml_attr(source)}"><rect/></svg>'
    (node,) = FORMAT.read(svg.encode()).diagram.nodes
    assert (node.label, node.shape) == ("Шаг", "document")
    with pytest.raises(ParseError, match="drawio source is damaged"):
        FORMAT.read(svg.replace("/mxGraphModel", "/other").encode())


@SLOW
@given(diagrams(most=3), st.data())
def test_damaged_files_raise_only_our_errors(diagram: Diagram, data: st.DataObject) -> None:
    raw = bytearray(FORMAT.write(diagram).data)
    for _ in range(data.draw(st.integers(1, 8))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(DiagraspError):
        FORMAT.read(bytes(raw))


def test_a_thousand_steps_are_drawn() -> None:
    diagram = process(1000)
    data = FORMAT.write(diagram).data
    assert len(elements(data, "node")) == 1000
    assert len(elements(data, "edge")) == len(diagram.edges)


class TestContract(FormatContract):
    format = FORMAT

    def _round_trip(self, diagram: Diagram) -> None:
        super()._round_trip(arrange(diagram))  # what has no place is given one
