"""Cells of a draw.io page into the typed graph."""

from __future__ import annotations

from typing import get_args
from urllib.parse import unquote

import pydantic

from diagrasp.errors import ParseError
from diagrasp.formats import Read
from diagrasp.model import Diagram, DiagramKind, Edge, Group, Node
from diagrasp_formats.drawio.connectors import Connectors
from diagrasp_formats.drawio.drawn import attach_events, find_containers, free_events, join_texts, order_messages
from diagrasp_formats.drawio.kinds import fit_sheet, kind_of_sheet
from diagrasp_formats.drawio.pages import read_page
from diagrasp_formats.drawio.sheet import Element, Sheet, called
from diagrasp_formats.drawio.vertices import Vertices


def read_drawio(data: bytes, page: int | None) -> Read:
    """Raises ParseError, NotFoundError, TooLargeError."""
    chosen, pages = read_page(data, page)
    sheet = Sheet(chosen.cells, chosen.kind)
    try:
        diagram = _read(sheet, chosen.name)
    except pydantic.ValidationError as error:
        raise ParseError(f"the drawing contradicts itself: {error.errors()[0]['msg']}") from None
    return Read(diagram, tuple(sheet.losses), pages)


def _read(sheet: Sheet, name: str) -> Diagram:
    _layers(sheet)
    if not sheet.kind:  # drawings of ours say what contains what
        find_containers(sheet)
        attach_events(sheet)
    connectors = Connectors(sheet)
    for cell in sheet.cells.values():
        if cell.edge and cell.visible:
            connectors.read(cell)
    join_texts(sheet)
    kind = sheet.kind
    if kind not in get_args(DiagramKind):
        kind = kind_of_sheet(sheet)
        fit_sheet(sheet, kind)
        free_events(sheet)
        if kind == "sequence":
            order_messages(sheet)
    places = {id: k for k, id in enumerate(sheet.cells)}  # the order of the file
    places |= {f"{id}_inside": k for id, k in places.items() if f"{id}_inside" in sheet.groups}
    title = unquote(name) if name and not name.lower().startswith(("page-", "page ", "страница")) else None
    return Diagram(
        kind=kind,
        title=title,
        nodes=tuple(Node(**_plain(n)) for n in sorted(sheet.nodes.values(), key=lambda n: places[n["id"]])),
        edges=tuple(Edge(**_plain(e)) for e in sheet.edges),
        groups=tuple(Group(**_plain(g)) for g in sorted(sheet.groups.values(), key=lambda g: places[g["id"]])),
    )


def _layers(sheet: Sheet) -> None:
    vertices = Vertices(sheet)
    root = next((c.id for c in sheet.cells.values() if not c.parent), "")
    for layer in sheet.children.get(root, []):
        if layer.vertex or layer.edge or layer.visible:  # a file without layers, or a layer that is shown
            vertices.read(layer)
        elif sheet.children.get(layer.id):
            sheet.lose("hidden", layer, f"the hidden layer {called(layer)} is not read")
            for cell in sheet.children[layer.id]:
                vertices.hide(cell)


def _plain(element: Element) -> Element:
    return {key: value for key, value in element.items() if not key.startswith("_")}
