# ruff: noqa: E501 (XML reads best unbroken)
"""Visio packages, made here part by part."""

from __future__ import annotations

import contextlib
import zipfile
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagrasp.errors import DiagraspError, NotFoundError, ParseError
from diagrasp.model import Box
from diagrasp_formats.vsdx import VsdxFormat

FORMAT = VsdxFormat()
V = 'xmlns="http://schemas.microsoft.com/office/visio/2012/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
RELS = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
MASTERS = {
    "2": "Process",
    "3": "Decision",
    "4": "Dynamic connector",
    "5": "Swimlane",
    "6": "Start/End",
    "7": "CFF Container",
}


def package(*pages: str, more: dict[str, bytes] | None = None) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        listing = "".join(
            f'<Page ID="{k}" Name="Страница-{k}"><PageSheet><Cell N="PageHeight" V="10"/></PageSheet><Rel r:id="r{k}"/></Page>'
            for k in range(1, len(pages) + 1)
        )
        target.writestr("visio/pages/pages.xml", f"<Pages {V}>{listing}</Pages>")
        links = "".join(f'<Relationship Id="r{k}" Target="page{k}.xml"/>' for k in range(1, len(pages) + 1))
        target.writestr("visio/pages/_rels/pages.xml.rels", f"<Relationships {RELS}>{links}</Relationships>")
        for k, page in enumerate(pages, 1):
            target.writestr(f"visio/pages/page{k}.xml", f"<PageContents {V}>{page}</PageContents>")
        masters = "".join(
            f'<Master ID="{id}" NameU="{name}"><Rel r:id="m{id}"/></Master>' for id, name in MASTERS.items()
        )
        target.writestr("visio/masters/masters.xml", f"<Masters {V}>{masters}</Masters>")
        links = "".join(f'<Relationship Id="m{id}" Target="master{id}.xml"/>' for id in MASTERS)
        target.writestr("visio/masters/_rels/masters.xml.rels", f"<Relationships {RELS}>{links}</Relationships>")
        for id in MASTERS:
            target.writestr(
                f"visio/masters/master{id}.xml",
                f'<MasterContents {V}><Shapes><Shape ID="1"><Cell N="Width" V="1"/><Cell N="Height" V="0.5"/></Shape></Shapes></MasterContents>',
            )
        for name, data in (more or {}).items():
            target.writestr(name, data)
    return out.getvalue()


def shape(id: int, master: int, text: str, x: float, y: float, *cells: str) -> str:
    more = "".join(f'<Cell N="{c.partition("=")[0]}" V="{c.partition("=")[2]}"/>' for c in cells)
    return f'<Shape ID="{id}" Master="{master}"><Cell N="PinX" V="{x}"/><Cell N="PinY" V="{y}"/>{more}<Text>{text}</Text></Shape>'


def line(id: int, text: str = "", *cells: str) -> str:
    more = "".join(f'<Cell N="{c.partition("=")[0]}" V="{c.partition("=")[2]}"/>' for c in cells)
    return f'<Shape ID="{id}" Master="4"><Cell N="BeginX" V="1.5"/><Cell N="BeginY" V="9"/><Cell N="EndX" V="3"/><Cell N="EndY" V="9"/>{more}<Text>{text}</Text></Shape>'


GLUE = (
    '<Connect FromSheet="{0}" FromCell="BeginX" ToSheet="{1}"/><Connect FromSheet="{0}" FromCell="EndX" ToSheet="{2}"/>'
)


def page(*shapes: str, connects: str = "") -> str:
    return f"<Shapes>{''.join(shapes)}</Shapes><Connects>{connects}</Connects>"


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
