"""Tables of draw.io: classes and entities with their rows, and cross-functional charts, whose rows are lanes."""

from __future__ import annotations

import re
from typing import Any

from diagrasp.model import Box, Shape
from diagrasp_formats._html import html_lines, html_text
from diagrasp_formats.drawio.pages import Cell
from diagrasp_formats.drawio.places import placed
from diagrasp_formats.drawio.sheet import Sheet, called, one

Step = tuple[Cell, str | None, Box]
"""A cell to be read, the group that it lies in, and the box that its place is told from."""

_ROWS = frozenset({"text", "tableRow", "partialRectangle"})
_RULE = re.compile(r"<hr\b[^>]*>", re.IGNORECASE)
_TABLE = re.compile(r"<table\b", re.IGNORECASE)
_ROW = re.compile(r"<tr\b[^>]*>", re.IGNORECASE)
_STEREOTYPE = re.compile(r"(<<[^<>]+>>|«[^«»]+»)\s*(?=\S)")


def is_table(sheet: Sheet, cell: Cell, inside: list[Cell] | None = None) -> bool:
    """Whether the cell is a class or table with its rows as children."""
    style = cell.style
    inside = [c for c in sheet.children.get(cell.id, []) if c.vertex and not c.relative] if inside is None else inside
    if style.get("shape") == "table":
        return not any("swimlane" in c.style for c in inside)
    if "swimlane" not in style or style.get("childLayout") != "stackLayout" or not inside:
        return False
    return all(
        _ROWS & c.style.keys() or c.style.get("line") == "1" or c.style.get("shape") in _ROWS | {"line"} for c in inside
    )


def read_table(sheet: Sheet, cell: Cell, box: Box, group: str | None, inside: list[Cell]) -> None:
    """A class or entity with its rows."""
    rows: list[str] = []
    for child in inside:
        sheet.stands_for[child.id] = cell.id
        parts = [c.text for c in sheet.children.get(child.id, []) if c.vertex and c.text]
        for part in sheet.children.get(child.id, []):
            sheet.stands_for[part.id] = cell.id
        if child.marked:
            rows.append(child.text)
        elif child.text:
            lines = html_lines(child.value) if child.style.get("html") == "1" else child.value.split("\n")
            rows += [" ".join(line.split()) for line in lines if line.strip()]
        elif parts:
            rows.append(" ".join(parts))
    shape = "entity" if cell.style.get("shape") == "table" else "class"
    shape = one(cell.style.get("diagraspShape"), Shape, shape)
    sheet.nodes[cell.id] = {
        "id": cell.id, "label": unstereotyped(sheet, cell, cell.text), "shape": shape, "group": group, "box": box,
        "rows": tuple(rows),
    }  # fmt: skip


def unstereotyped(sheet: Sheet, cell: Cell, label: str) -> str:
    """A class's name without the stereotype before it, which is no part of the name; tells what is left out."""
    found = _STEREOTYPE.match(label)
    if found is None or cell.marked:
        return label
    name = label[found.end() :]
    sheet.lose("stereotype", cell, f"the stereotype {found[1]} of {name!r} is not kept")
    return name


def table_in_html(cell: Cell) -> dict[str, Any] | None:
    """The title and rows of a class or entity that is one cell with rules or a table in its HTML."""
    if cell.style.get("html") != "1" or cell.marked:
        return None
    if _TABLE.search(cell.value):
        title, *rows = _ROW.split(cell.value)
        found = [html_text(row) for row in rows]
        return {"label": html_text(title), "shape": "entity", "rows": tuple(row for row in found if row)}
    if _RULE.search(cell.value) and cell.style.get("overflow") == "fill":
        title, *parts = _RULE.split(cell.value)
        rows = [line for part in parts for line in html_lines(part)]
        return {"label": html_text(title), "shape": "class", "rows": tuple(rows)}
    return None


# -- cross-functional charts ------------------------------------------------------------------------------------------


def is_grid(sheet: Sheet, cell: Cell) -> bool:
    """Whether the cell is a table whose fields hold symbols."""
    if cell.style.get("shape") != "table":
        return False
    fields = [field for row in _rows(sheet, cell) for field in _fields(sheet, row)]
    return any("swimlane" in f.style for f in fields) or any(
        c.vertex for field in fields for c in sheet.children.get(field.id, [])
    )


def read_grid(sheet: Sheet, cell: Cell, box: Box, group: str | None) -> list[Step]:
    """A pool whose lanes are the rows with a title, else the columns; returns what the fields hold."""
    sheet.groups[cell.id] = {"id": cell.id, "label": cell.text, "kind": "pool", "parent": group, "box": box}
    rows = _rows(sheet, cell)
    by_row = any(row.text for row in rows) or len(rows) > 1
    found: list[Step] = []
    for number, row in enumerate(rows):
        around = placed(row, box)
        if by_row:
            sheet.groups[row.id] = {
                "id": row.id, "label": row.text, "kind": "lane", "parent": cell.id, "box": around,
            }  # fmt: skip
        else:
            sheet.stands_for[row.id] = cell.id
        for field in _fields(sheet, row):
            inner = placed(field, around)
            lane = row.id
            if not by_row:
                lane = field.id
                sheet.groups[lane] = {
                    "id": lane, "label": field.text, "kind": "lane", "parent": cell.id, "box": inner,
                }  # fmt: skip
            else:
                sheet.stands_for[field.id] = row.id
                if field.text:
                    what = "column" if number == 0 else "field"
                    sheet.lose("group", field, f"the {what} {called(field)} of the table {called(cell)} is not kept")
            found += [(child, lane, inner) for child in sheet.children.get(field.id, [])]
    return found


def _rows(sheet: Sheet, cell: Cell) -> list[Cell]:
    return [c for c in sheet.children.get(cell.id, []) if c.vertex and c.style.get("shape") == "tableRow"]


def _fields(sheet: Sheet, row: Cell) -> list[Cell]:
    return [c for c in sheet.children.get(row.id, []) if c.vertex]
