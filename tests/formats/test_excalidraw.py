# ruff: noqa: E501 (scenes read best unbroken)
"""Excalidraw scenes: what people draw is read, what is written reads back, edits in Excalidraw count."""

from __future__ import annotations

import base64
import contextlib
import json
import zlib
from io import BytesIO
from typing import Any

import pytest
from drawn import diagrams, process, unplaced
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from diagrasp.carriers import put_png_text
from diagrasp.errors import DiagraspError, InputError, NotFoundError, ParseError
from diagrasp.layout import arrange
from diagrasp.model import Diagram
from diagrasp.testing import FormatContract
from diagrasp_formats.excalidraw import ExcalidrawFormat

FORMAT = ExcalidrawFormat()
SLOW = settings(
    deadline=None, max_examples=80, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def scene(*elements: dict[str, Any]) -> bytes:
    return json.dumps({"type": "excalidraw", "version": 2, "elements": elements}, ensure_ascii=False).encode()


def box(
    id: str, kind: str = "rectangle", x: float = 0, y: float = 0, w: float = 120, h: float = 60, **more: Any
) -> dict[str, Any]:
    return {"id": id, "type": kind, "x": x, "y": y, "width": w, "height": h, **more}


def text(id: str, value: str, container: str | None = None, x: float = 0, y: float = 0) -> dict[str, Any]:
    return box(id, "text", x, y, 40, 20, text=value, containerId=container)


def arrow(id: str, start: str | None, end: str | None, **more: Any) -> dict[str, Any]:
    bindings = {"startBinding": start and {"elementId": start}, "endBinding": end and {"elementId": end}}
    return box(id, "arrow", points=[[0, 0], [80, 0]], endArrowhead="arrow", **bindings, **more)


@SLOW
@given(diagrams())
def test_everything_comes_back_exactly(diagram: Diagram) -> None:
    written = FORMAT.write(diagram)
    back = FORMAT.read(written.data).diagram
    assert unplaced(back) == unplaced(diagram)
    assert FORMAT.write(diagram) == written
    placed = arrange(diagram)
    for before, after in zip(placed.nodes, back.nodes, strict=True):
        assert tuple(before.box) == pytest.approx(tuple(after.box), abs=1e-6)


def test_shapes_with_bound_text_and_arrows() -> None:
    diagram = FORMAT.read(
        scene(
            box("a", roundness={"type": 3}), text("ta", "Принять\nзаявку", "a"), box("d", "diamond", 200), text("td", "Полная?", "d"),
            arrow("e", "a", "d", strokeStyle="dashed"), text("te", "далее", "e"), box("x", isDeleted=True),
        )
    ).diagram  # fmt: skip
    assert [(n.label, n.shape) for n in diagram.nodes] == [("Принять заявку", "rounded"), ("Полная?", "decision")]
    assert [(e.source, e.target, e.label, e.line, e.head) for e in diagram.edges] == [
        ("a", "d", "далее", "dashed", "arrow")
    ]


def test_arrows_that_stop_short_and_loose_text() -> None:
    result = FORMAT.read(
        scene(
            box("a"), text("t", "A", x=40, y=20), box("b", x=300), text("u", "B", x=340, y=20),
            box("e", "arrow", 130, 30, points=[[0, 0], [158, 0]], endArrowhead="arrow"), text("l", "да", x=190, y=5),
            box("f", "arrow", 130, 400, points=[[0, 0], [158, 0]], endArrowhead="arrow"), box("i", "image"),
        )
    )  # fmt: skip
    assert [n.label for n in result.diagram.nodes] == ["A", "B"]
    assert [(e.source, e.target, e.label) for e in result.diagram.edges] == [("a", "b", "да")]
    assert [(loss.feature, loss.element) for loss in result.losses] == [("element", "i"), ("edge", "f")]


def test_frames_and_rectangles_around_others_are_groups() -> None:
    diagram = FORMAT.read(
        scene(
            box("F", "frame", 0, 0, 500, 300, name="Отдел"), box("a", x=20, y=60, frameId="F"),
            box("R", x=600, w=400, h=300), text("t", "Склад", x=620, y=5), box("b", x=650, y=100),
        )
    ).diagram  # fmt: skip
    assert {n.id: n.group for n in diagram.nodes} == {"a": "F", "b": "R"}
    assert {(g.id, g.label, g.kind) for g in diagram.groups} == {("F", "Отдел", "frame"), ("R", "Склад", "subgraph")}


def test_a_label_changed_in_excalidraw_counts() -> None:
    diagram = Diagram(nodes=[{"id": "a", "label": "Старое", "shape": "document"}])
    data = json.loads(FORMAT.write(diagram).data)
    for element in data["elements"]:
        if element["type"] == "text":
            element["text"] = element["originalText"] = "Новое"
    (node,) = FORMAT.read(json.dumps(data).encode()).diagram.nodes
    assert (node.label, node.shape) == ("Новое", "document")


def test_scenes_inside_pictures() -> None:
    payload = scene(box("a"), text("t", "Шаг", "a"))
    wrapped = json.dumps(
        {"encoding": "bstring", "compressed": True, "encoded": zlib.compress(payload).decode("latin-1")}
    )
    out = BytesIO()
    Image.new("RGB", (3, 3)).save(out, "PNG")
    data = out.getvalue()
    body = b"application/vnd.excalidraw+json\0" + wrapped.encode("latin-1")
    chunk = len(body).to_bytes(4, "big") + b"tEXt" + body + zlib.crc32(b"tEXt" + body).to_bytes(4, "big")
    png = data[:33] + chunk + data[33:]
    code = base64.b64encode(wrapped.encode("latin-1")).decode()
    svg = f"<svg xmlns='http://www.w3.org/2000/svg'><!-- svg-source:excalidraw --><!-- payload-start -->{code}<!-- payload-end --></svg>"
    for picture in (png, svg.encode()):
        assert FORMAT.sniff(picture) > 0.5
        assert FORMAT.read(picture).diagram.nodes[0].label == "Шаг"
    with pytest.raises(ParseError):
        FORMAT.read(put_png_text(data, "note", "excalidraw"))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b'{"elements": 1}',
        b"\xff\xfe\x00",
        b"[" * 200_000,
        scene(box("a", customData={"diagrasp": {"node": {"shape": "blob"}}})),
        scene(box("a", customData={"diagrasp": {"node": {"": 1}}})),
    ],
)
def test_bad_input_is_refused(data: bytes) -> None:
    with pytest.raises(ParseError):
        FORMAT.read(data)
    with pytest.raises(NotFoundError):
        FORMAT.read(scene(), page=2)
    with pytest.raises(InputError):
        FORMAT.write(Diagram(), theme="dark")


@SLOW
@given(diagrams(most=4), st.data())
def test_damaged_scenes_raise_only_our_errors(diagram: Diagram, data: st.DataObject) -> None:
    raw = json.loads(FORMAT.write(diagram).data)
    junk = (
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.text(max_size=3)
        | st.just([[1, "x"]])
        | st.just({"a": 1})
    )
    for _ in range(data.draw(st.integers(1, 6))):
        element = data.draw(st.sampled_from(raw["elements"]))
        element[data.draw(st.sampled_from(sorted(element)))] = data.draw(junk)
    with contextlib.suppress(DiagraspError):
        FORMAT.read(json.dumps(raw).encode())


def test_a_thousand_steps() -> None:
    assert len(FORMAT.read(FORMAT.write(process(1000)).data).diagram.nodes) == 1000


class TestContract(FormatContract):
    format = FORMAT

    def _round_trip(self, diagram: Diagram) -> None:
        super()._round_trip(arrange(diagram))  # what has no place is given one
