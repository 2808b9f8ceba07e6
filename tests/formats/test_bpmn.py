# ruff: noqa: E501 (XML reads best unbroken)
"""BPMN 2.0 XML: what tools write is read, what is written tools read, and nothing is lost without a word."""

from __future__ import annotations

import contextlib
import time
from typing import Any

import pytest
from drawn import diagrams, process, processes, unplaced
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diagrasp.errors import DiagraspError, InputError, NotFoundError, ParseError
from diagrasp.layout import arrange
from diagrasp.model import Box, Diagram, Point
from diagrasp.testing import FormatContract
from diagrasp.xmltree import clean, parse_xml
from diagrasp_formats.bpmn import BpmnFormat

FORMAT = BpmnFormat()
SLOW = settings(
    deadline=None, max_examples=80, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
HEAD = (
    f'<definitions xmlns="{MODEL}" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" '
    'xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI" '
    'xmlns:v="http://vendor.example/x">'
)


def read(body: str, *, head: str = HEAD, end: str = "</definitions>", page: int | None = None) -> Diagram:
    return FORMAT.read((head + body + end).encode(), page=page).diagram


@SLOW
@given(processes())
def test_processes_come_back_exactly(diagram: Diagram) -> None:
    written = FORMAT.write(diagram)
    assert written.losses == ()
    back = FORMAT.read(written.data)
    assert back.losses == ()
    assert unplaced(back.diagram) == diagram
    again = FORMAT.write(back.diagram)
    assert FORMAT.read(again.data).diagram == back.diagram
    assert FORMAT.write(diagram) == written


@SLOW
@given(diagrams())
def test_whatever_is_written_is_read_and_every_loss_is_told(diagram: Diagram) -> None:
    written = FORMAT.write(diagram)
    back = FORMAT.read(written.data).diagram
    told = {loss.element for loss in written.losses}
    general = {loss.feature for loss in written.losses if not loss.element}
    nodes, groups, edges = ({item.id: item for item in items} for items in (back.nodes, back.groups, back.edges))
    for node in diagram.nodes:
        here = nodes.get(node.id)
        same = here is not None and all(
            getattr(here, name) == getattr(node, name) for name in ("label", "shape", "trigger", "attached_to", "rows")
        )
        same = same and here is not None and set(here.markers) == set(node.markers)
        assert same or node.id in told, f"{node} became {here}"
        assert here is None or "confidence" in general or here.confidence == node.confidence
    for edge in diagram.edges:
        there = edges.get(edge.id)
        same = there is not None and all(
            getattr(there, name) == getattr(edge, name)
            for name in ("label", "kind", "line", "head", "tail", "default", "source_label", "target_label")
        )
        assert same or edge.id in told, f"{edge} became {there}"
    for group in diagram.groups:
        within = groups.get(group.id)
        assert (within is not None and within.kind == group.kind and within.label == group.label) or group.id in told
    assert diagram.kind == "bpmn" or "kind" in general


def test_prefixes_and_vendors_do_not_matter() -> None:
    plain = read(
        '<process id="p"><userTask id="t" name="Шаг&#10;первый" v:x="1"><extensionElements><v:a/></extensionElements></userTask></process>'
    )
    prefixed = read(
        '<s:process id="p"><s:userTask id="t" name="Шаг первый"/></s:process>',
        head=f'<s:definitions xmlns:s="{MODEL}">',
        end="</s:definitions>",
    )
    assert plain.nodes == prefixed.nodes
    assert plain.nodes[0].label == "Шаг первый"
    assert plain.nodes[0].shape == "user_task"


def test_pools_lanes_and_geometry() -> None:
    diagram = read(
        """<collaboration id="c"><participant id="P" name="Банк" processRef="p"/><participant id="Q" name="Клиент"/>
        <messageFlow id="m" name="Ответ" sourceRef="t" targetRef="Q"/></collaboration>
        <process id="p"><laneSet id="ls"><lane id="L1" name="Офис"><flowNodeRef>t</flowNodeRef></lane>
        <lane id="L2" name="Склад"><childLaneSet id="cl"><lane id="L3" name="Смена"/><lane id="L4" name="Ночь"/></childLaneSet></lane></laneSet>
        <task id="t" name="Принять" default="f"/><task id="u" name="Отгрузить"/>
        <sequenceFlow id="f" name="да" sourceRef="t" targetRef="u"/></process>
        <bpmndi:BPMNDiagram name="Отгрузка"><bpmndi:BPMNPlane bpmnElement="c">
        <bpmndi:BPMNShape bpmnElement="P" isHorizontal="true"><dc:Bounds x="0" y="0" width="500" height="300"/></bpmndi:BPMNShape>
        <bpmndi:BPMNShape bpmnElement="Q"><dc:Bounds x="0" y="400" width="500" height="60"/></bpmndi:BPMNShape>
        <bpmndi:BPMNShape bpmnElement="L1"><dc:Bounds x="30" y="0" width="470" height="100"/></bpmndi:BPMNShape>
        <bpmndi:BPMNShape bpmnElement="L2"><dc:Bounds x="30" y="100" width="470" height="200"/></bpmndi:BPMNShape>
        <bpmndi:BPMNShape bpmnElement="L3"><dc:Bounds x="60" y="100" width="440" height="100"/></bpmndi:BPMNShape>
        <bpmndi:BPMNShape bpmnElement="L4"><dc:Bounds x="60" y="200" width="440" height="100"/></bpmndi:BPMNShape>
        <bpmndi:BPMNShape bpmnElement="t"><dc:Bounds x="100" y="10" width="100" height="80"/></bpmndi:BPMNShape>
        <bpmndi:BPMNShape bpmnElement="u"><dc:Bounds x="300.5" y="110" width="100" height="80"/></bpmndi:BPMNShape>
        <bpmndi:BPMNEdge bpmnElement="f"><di:waypoint x="200" y="50"/><di:waypoint x="350.5" y="110"/></bpmndi:BPMNEdge>
        </bpmndi:BPMNPlane></bpmndi:BPMNDiagram>"""
    )
    groups = {g.id: g for g in diagram.groups}
    assert [(g.kind, g.parent) for g in map(groups.get, ("P", "Q", "L1", "L3"))] == [
        ("pool", None), ("pool", None), ("lane", "P"), ("lane", "L2"),
    ]  # fmt: skip
    nodes = {n.id: n for n in diagram.nodes}
    assert (nodes["t"].group, nodes["u"].group) == ("L1", "L3")  # u by where it lies: its lane is not said
    assert nodes["u"].box == Box(300.5, 110, 100, 80)
    assert diagram.role(nodes["u"]) == "Смена"
    edges = {e.id: e for e in diagram.edges}
    assert edges["f"].path == (Point(200, 50), Point(350.5, 110))
    assert edges["f"].default
    assert edges["f"].label == "да"
    assert (edges["m"].kind, edges["m"].target, edges["m"].line) == ("message", "Q", "dashed")
    assert diagram.title == "Отгрузка"


def test_events_gateways_markers_and_data() -> None:
    diagram = read(
        """<process id="p">
        <startEvent id="s" isInterrupting="false"><timerEventDefinition/></startEvent>
        <task id="t"><multiInstanceLoopCharacteristics isSequential="true"/>
          <dataInputAssociation id="di"><sourceRef>d</sourceRef><targetRef>x</targetRef></dataInputAssociation>
          <dataOutputAssociation id="do"><targetRef>ds</targetRef></dataOutputAssociation></task>
        <boundaryEvent id="b" attachedToRef="t" cancelActivity="false"><errorEventDefinition/></boundaryEvent>
        <intermediateThrowEvent id="i"><messageEventDefinition/><signalEventDefinition/></intermediateThrowEvent>
        <intermediateCatchEvent id="c" parallelMultiple="true"><messageEventDefinition/><timerEventDefinition/></intermediateCatchEvent>
        <eventBasedGateway id="g"/><complexGateway id="x"/><callActivity id="ca" isForCompensation="true"/>
        <dataObject id="dob" isCollection="true"/><dataObjectReference id="d" name="Счёт" dataObjectRef="dob"><dataState name="оплачен"/></dataObjectReference>
        <dataStoreReference id="ds" name="Архив"/>
        <textAnnotation id="n"><text>не позже
        завтра</text></textAnnotation><association id="a" sourceRef="t" targetRef="n"/>
        <endEvent id="e"><terminateEventDefinition/></endEvent></process>"""
    )
    nodes = {n.id: n for n in diagram.nodes}
    assert (nodes["s"].trigger, nodes["s"].markers) == ("timer", ("non_interrupting",))
    assert nodes["t"].markers == ("sequential",)
    assert (nodes["b"].attached_to, nodes["b"].trigger, nodes["b"].shape) == ("t", "error", "boundary_event")
    assert (nodes["i"].trigger, nodes["i"].markers) == ("multiple", ("throwing",))
    assert nodes["c"].trigger == "parallel_multiple"
    assert [nodes[i].shape for i in ("g", "x", "ca", "ds", "e")] == [
        "event_gateway", "complex_gateway", "call_activity", "data_store", "end_event",
    ]  # fmt: skip
    assert (nodes["d"].label, nodes["d"].markers) == ("Счёт [оплачен]", ("parallel",))
    assert nodes["n"].label == "не позже завтра"
    edges = {e.id: (e.source, e.target, e.kind, e.head) for e in diagram.edges}
    assert edges == {
        "a": ("t", "n", "association", "none"), "di": ("d", "t", "data", "arrow"), "do": ("t", "ds", "data", "arrow"),
    }  # fmt: skip


def test_expanded_subprocess_is_a_node_and_a_group_and_a_collapsed_one_hides() -> None:
    body = '<process id="p"><subProcess id="s" name="Сборка"><task id="t"/></subProcess></process>'
    diagram = read(body)
    assert {n.id: n.group for n in diagram.nodes} == {"s": None, "t": "s_inside"}
    assert [(g.id, g.kind, g.label) for g in diagram.groups] == [("s_inside", "subprocess", "Сборка")]
    shape = '<bpmndi:BPMNShape bpmnElement="s" isExpanded="false"><dc:Bounds x="0" y="0" width="9" height="9"/></bpmndi:BPMNShape>'
    page = f'<bpmndi:BPMNDiagram><bpmndi:BPMNPlane bpmnElement="p">{shape}</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>'
    inner = '<bpmndi:BPMNDiagram><bpmndi:BPMNPlane bpmnElement="s"><bpmndi:BPMNShape bpmnElement="t"><dc:Bounds x="0" y="0" width="9" height="9"/></bpmndi:BPMNShape></bpmndi:BPMNPlane></bpmndi:BPMNDiagram>'
    result = FORMAT.read((HEAD + body + page + inner + "</definitions>").encode())
    assert [(n.id, n.markers) for n in result.diagram.nodes] == [("s", ("collapsed",))]
    assert result.pages == 2
    assert [loss.feature for loss in result.losses] == ["subprocess.content"]
    second = read(body + page + inner, page=2)
    assert "t" in {n.id for n in second.nodes}
    with pytest.raises(NotFoundError):
        read(body, page=2)


def test_losses_name_the_element() -> None:
    result = FORMAT.read(
        (
            HEAD
            + '<process id="p"><weird id="w"/><sequenceFlow id="f" sourceRef="a" targetRef="b"/></process></definitions>'
        ).encode()
    )
    assert [(loss.feature, loss.element) for loss in result.losses] == [("element", "w"), ("edge", "f")]


def test_other_kinds_become_bpmn_with_a_word_on_each() -> None:
    diagram = Diagram(
        nodes=[
            {"id": "a", "label": "Старт", "shape": "terminal"},
            {"id": "b", "shape": "decision"},
            {"id": "c", "shape": "stadium"},
        ],
        edges=[{"source": "a", "target": "b"}, {"source": "b", "target": "c"}],
    )
    written = FORMAT.write(diagram)
    assert [n.shape for n in FORMAT.read(written.data).diagram.nodes] == [
        "start_event",
        "exclusive_gateway",
        "end_event",
    ]
    assert {(loss.feature, loss.element) for loss in written.losses} == {
        ("kind", ""),
        ("shape", "a"),
        ("shape", "b"),
        ("shape", "c"),
    }


def test_ids_are_names_and_unique() -> None:
    ids = ["n 1", "n_1", "1", "узел", "a&b", "Process_1", "Definitions_1"]
    diagram = Diagram(kind="bpmn", nodes=[{"id": id, "shape": "task"} for id in ids])
    data = FORMAT.write(diagram).data
    made = [tag.get("id") for tag in parse_xml(data).walk() if tag.get("id")]
    assert len(made) == len(set(made))
    assert all(id[0].isalpha() or id[0] == "_" for id in made)
    assert [n.id for n in FORMAT.read(data).diagram.nodes] == ids


@pytest.mark.parametrize(
    "data",
    [
        b"", b"<a/>", b"not xml", b"<definitions", b"\x00\x01", HEAD.encode(),
        b'<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/passwd">]><definitions>&e;</definitions>',
        (HEAD + "<process>" * 400).encode(),
        (HEAD + '<bpmndi:BPMNDiagram><bpmndi:BPMNPlane><bpmndi:BPMNShape bpmnElement="a"><dc:Bounds x="nan" y="0" width="1" height="1"/></bpmndi:BPMNShape></bpmndi:BPMNPlane></bpmndi:BPMNDiagram></definitions>').encode(),
        (HEAD + '<process id="p"><task id="a"/><userTask id="a"/><laneSet><lane id="a" name="x"/><lane name="y" id="b"/></laneSet></process></definitions>').encode(),
    ],
)  # fmt: skip
def test_bad_input_is_refused(data: bytes) -> None:
    with pytest.raises(ParseError):
        FORMAT.read(data)


def test_where_the_error_is() -> None:
    with pytest.raises(ParseError) as caught:
        FORMAT.read(b"<definitions>\n<process>\n</definitions>")
    assert caught.value.line == 3


@SLOW
@given(processes(), st.data())
def test_damaged_files_raise_only_our_errors(diagram: Diagram, data: st.DataObject) -> None:
    raw = bytearray(FORMAT.write(diagram).data)
    for _ in range(data.draw(st.integers(1, 12))):
        place = data.draw(st.integers(0, len(raw) - 1))
        raw[place : place + data.draw(st.integers(0, 20))] = data.draw(st.binary(max_size=4))
    with contextlib.suppress(DiagraspError):
        FORMAT.read(bytes(raw))


def test_sniffing() -> None:
    assert FORMAT.sniff(FORMAT.write(Diagram()).data) > 0.9
    assert FORMAT.sniff(b"<definitions/>") == 0.0
    assert FORMAT.sniff(b"") == 0.0


def test_no_options() -> None:
    with pytest.raises(InputError):
        FORMAT.write(Diagram(), theme="dark")


def test_a_thousand_steps_are_quick() -> None:
    written = FORMAT.write(process(1000))
    started = time.process_time()
    assert len(FORMAT.read(written.data).diagram.nodes) == 1000
    assert time.process_time() - started < 1.0


class TestContract(FormatContract):
    format = FORMAT

    def _round_trip(self, diagram: Diagram) -> None:
        def tidy(items: tuple[Any, ...]) -> tuple[Any, ...]:
            return tuple(item.replace(label=" ".join(clean(item.label).split())) for item in items)

        labels = {"nodes": tidy(diagram.nodes), "edges": tidy(diagram.edges), "groups": tidy(diagram.groups)}
        super()._round_trip(arrange(diagram.replace(**labels)))  # labels of one line, and places where there are none
