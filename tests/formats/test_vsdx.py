# ruff: noqa: E501 (XML reads best unbroken)
"""Visio packages, made part by part, and what is read from them."""

from __future__ import annotations

import contextlib
import zipfile
from io import BytesIO
from typing import ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from visio import GLUE, line, package, page, shape

from diagrasp.errors import DiagraspError, NotFoundError, ParseError
from diagrasp.model import Box
from diagrasp.testing import FormatContract
from diagrasp_formats.vsdx import VsdxFormat

FORMAT = VsdxFormat()


def test_shapes_by_their_masters_and_glued_connectors() -> None:
    data = package(
        page(
            shape(1, 6, "Начало", 1, 9), shape(2, 3, "Сумма\nбольше 5?", 3.5, 9), line(3, "далее", "EndArrow=4", "LinePattern=2"),
            connects=GLUE.format(3, 1, 2),
        )
    )  # fmt: skip
    result = FORMAT.read(data)
    nodes, (edge,) = result.diagram.nodes, result.diagram.edges
    assert [(n.label, n.shape) for n in nodes] == [("Начало", "terminal"), ("Сумма больше 5?", "decision")]
    assert nodes[0].box == Box(48, 72, 96, 48)  # an inch is 96 pixels, y counts from the top
    assert (edge.source, edge.target, edge.label, edge.head, edge.tail, edge.line) == (
        "1",
        "2",
        "далее",
        "arrow",
        "none",
        "dashed",
    )
    assert FORMAT.sniff(data) > 0.5


def test_lanes_hold_what_lies_in_them() -> None:
    data = package(
        page(
            shape(1, 7, "Процесс", 4, 5, "Width=8", "Height=8"), shape(2, 5, "Офис", 4, 7, "Width=7.5", "Height=3"),
            shape(3, 2, "Принять", 3, 7), shape(4, 2, "Снаружи", 20, 7),
        )
    )  # fmt: skip
    diagram = FORMAT.read(data).diagram
    assert [(g.label, g.kind, g.parent) for g in diagram.groups] == [("Процесс", "pool", None), ("Офис", "lane", "1")]
    assert {n.label: diagram.role(n) for n in diagram.nodes} == {"Принять": "Офис", "Снаружи": ""}


def test_loose_ends_snap_or_are_told_and_backward_arrows_turn() -> None:
    shapes = shape(1, 2, "A", 1, 9), shape(2, 2, "B", 3.5, 9)
    near = FORMAT.read(package(page(*shapes, line(3, "", "BeginArrow=4")))).diagram.edges[0]
    assert (near.source, near.target, near.head) == ("2", "1", "arrow")
    result = FORMAT.read(package(page(shapes[0], line(3))))
    assert [(loss.feature, loss.element) for loss in result.losses] == [("edge", "3")]


def test_pages() -> None:
    data = package(page(shape(1, 2, "Один", 1, 1)), page(shape(1, 2, "Два", 1, 1)))
    assert FORMAT.read(data).pages == 2
    assert FORMAT.read(data, page=2).diagram.nodes[0].label == "Два"
    with pytest.raises(NotFoundError):
        FORMAT.read(data, page=3)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"PK\x03\x04" + b"\0" * 100, b"<xml/>"])
def test_bad_input_is_refused(data: bytes) -> None:
    with pytest.raises(ParseError):
        FORMAT.read(data)


def test_bombs_and_entities_are_refused() -> None:
    bomb = package(more={"visio/pages/pages2.xml": b""})
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("visio/pages/pages.xml", b"<Pages>" + b" " * 70_000_000 + b"</Pages>")
    with pytest.raises(DiagraspError, match="more than"):
        FORMAT.read(out.getvalue())
    assert FORMAT.read(bomb).diagram.nodes == ()
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        target.writestr("visio/pages/pages.xml", '<!DOCTYPE a [<!ENTITY x "y">]><Pages>&x;</Pages>')
    with pytest.raises(ParseError, match="entities"):
        FORMAT.read(out.getvalue())


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_damaged_packages_raise_only_our_errors(data: st.DataObject) -> None:
    raw = bytearray(
        package(page(shape(1, 2, "A", 1, 9), shape(2, 3, "B", 3, 9), line(3), connects=GLUE.format(3, 1, 2)))
    )
    for _ in range(data.draw(st.integers(1, 10))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(DiagraspError):
        FORMAT.read(bytes(raw))


class TestContract(FormatContract):
    format = FORMAT
    broken: ClassVar = {
        "empty": b"",
        "no package": b"PK\x03\x04",
        "no XML": package("<Shapes"),
    }
