"""A page on its way to the graph: what was found so far, and what was lost."""

from __future__ import annotations

from typing import Any, get_args

from diagrasp.formats import Loss
from diagrasp_formats.drawio.pages import Cell

Element = dict[str, Any]
"""A node, edge or group on its way to the model."""


class Sheet:
    """The cells of a page with what they became.

    Attributes:
        kind: the kind of diagram where the file says it: it was written here.
        stands_for: for a cell that is no element itself (a row, a part), the element that edges to it mean.
        children: cells by the id of the cell around them.
        hosts: the activity that an event is part of in the file.
    """

    def __init__(self, cells: dict[str, Cell], kind: str) -> None:
        self.cells, self.kind = cells, kind
        self.losses: list[Loss] = []
        self.nodes: dict[str, Element] = {}
        self.groups: dict[str, Element] = {}
        self.edges: list[Element] = []
        self.stands_for: dict[str, str] = {}
        self.hosts: dict[str, str] = {}
        self.children: dict[str, list[Cell]] = {}
        for cell in cells.values():
            self.children.setdefault(cell.parent, []).append(cell)

    def style(self, id: str) -> dict[str, str]:
        cell = self.cells.get(id)
        return cell.style if cell is not None else {}

    def element(self, id: str) -> str | None:
        """The element that a cell is, or is part of."""
        seen: set[str] = set()
        while id and id not in self.nodes and id not in self.groups and id not in seen:
            seen.add(id)
            id = self.stands_for.get(id, "")
        return id if id in self.nodes or id in self.groups else None

    def lose(self, feature: str, cell: Cell | str, message: str) -> None:
        self.losses.append(Loss(feature, cell if isinstance(cell, str) else cell.id, message))


def called(cell: Cell) -> str:
    """What a loss calls a cell."""
    return repr(cell.text) if cell.text else cell.id


def one(value: str | None, words: Any, default: Any) -> Any:
    """A value where it is one of the words."""
    return value if value in get_args(words) else default
