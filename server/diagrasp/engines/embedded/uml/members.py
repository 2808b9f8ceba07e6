"""What stands in the compartments of a class or an entity: its name, and its members line by line."""

from __future__ import annotations

import re

from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.symbols.find import Symbol
from diagrasp.engines.embedded.text.textlines import TextLine
from diagrasp.engines.embedded.uml.tables import Table

_STEREOTYPE = re.compile(r"(?:«|<<)[^«»<>]{1,40}(?:»|>>)|[«<‹(\"]{1,2}\s*[\w ]+?\s*[»>›)\"]{1,2}|\w[\w ]*?\s*(?:»|>>)")
"""A keyword in its quotes, of which the first may be misread."""


def compartments(symbol: Symbol, lines: list[TextLine]) -> tuple[list[TextLine], list[list[TextLine]]]:
    """The lines that name a symbol, and those of every member, in order; one compartment names it with all it has."""
    parts = sorted(symbol.outline.parts, key=lambda p: p.box.y0)
    if len(parts) < 2 or symbol.shape == "database":
        return lines, []
    first = next((p for p in parts if any(p.box.y0 <= t.box.cy <= p.box.y1 for t in lines)), parts[0])
    rows: list[list[TextLine]] = []
    for line in sorted((t for t in lines if t.box.cy > first.box.y1), key=lambda t: t.box.cy):
        if rows and abs(line.box.cy - rows[-1][0].box.cy) <= 0.45 * max(line.size, rows[-1][0].size):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [t for t in lines if t.box.cy <= first.box.y1] or lines, rows


def columns(symbol: Symbol, lines: list[TextLine]) -> bool:
    """Whether most members stand in two columns or more, as an entity's attributes do."""
    _, rows = compartments(symbol, lines)
    return bool(rows) and sum(len(row) > 1 for row in rows) >= 0.6 * len(rows)


def signed(text: str, row: list[TextLine], tables: list[Table]) -> str:
    """A member's text with the sign of the visibility that is drawn beside it."""
    if not row:
        return text
    box: Rect = row[0].box
    for table in tables:
        for mark, sign in table.signs:
            near = mark.x1 <= box.x0 + 2 and box.x0 - mark.x1 <= 2.5 * row[0].size
            if sign and near and box.y0 - 2 <= mark.cy <= box.y1 + 2:
                return sign + text
    return text


def named(label: str) -> str:
    """A class's name without its stereotype, which stands above it."""
    found = _STEREOTYPE.match(label)
    rest = label[found.end() :].strip() if found else ""
    return rest or label
