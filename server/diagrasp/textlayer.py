"""The text of a vector page: words with their places, and labels that an engine read from pixels set right by them.

A page that was exported (draw.io, Graphviz, a browser) has its words as characters.  The engine finds symbols and
connectors in the pixels; what it read is replaced by the page's own words where they lie inside the symbol, or are
nearly the same.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from diagrasp.model import Box, Diagram

_ALIKE = 0.5
"""Agreement, 0 to 1, from which a text is taken for what the engine read."""
_TRUSTED = 0.7
"""Mean agreement over the page from which its text also stands where the engine read nothing."""
MAX_WORDS = 5_000


class Word(NamedTuple):
    """A word of the page; `box` in pixels of the picture."""

    text: str
    box: Box


class _Line(NamedTuple):
    text: str
    box: Box


def corrected(diagram: Diagram, words: Sequence[Word]) -> tuple[Diagram, int]:
    """The diagram with the page's own labels, and how many changed."""
    if not words or not diagram.nodes:
        return diagram, 0
    inside, left = _shared(diagram, words[:MAX_WORDS])
    scores = [_alike(node.label, inside[node.id]) for node in diagram.nodes if node.label and node.id in inside]
    trusted = bool(scores) and sum(scores) / len(scores) >= _TRUSTED
    pool = Counter(line.text for line in _lines(left))
    changed = 0

    def better(label: str, candidates: Iterable[str]) -> str:
        nonlocal changed
        if not label:
            return label
        best = max(candidates, key=lambda text: (_alike(label, text), text), default="")
        if best and best != label and _alike(label, best) >= _ALIKE:
            changed += 1
            return best
        return label

    nodes = []
    for node in diagram.nodes:
        text = inside.get(node.id, "")
        if node.rows:
            rows = tuple(better(row, _parts(text)) for row in node.rows)
            node = node.model_copy(update={"label": better(node.label, _parts(text)), "rows": rows})
        elif text and (_alike(node.label, text) >= _ALIKE or (not node.label and trusted)):
            text = _joined(node.label, text)
            changed += text != node.label
            node = node.model_copy(update={"label": text})
        elif not text:
            node = node.model_copy(update={"label": better(node.label, pool)})
        nodes.append(node)
    edges = []
    for edge in diagram.edges:
        said = {name: better(getattr(edge, name), pool) for name in ("label", "source_label", "target_label")}
        edges.append(edge.model_copy(update=said))
    groups = [group.model_copy(update={"label": better(group.label, pool)}) for group in diagram.groups]
    update = {"nodes": tuple(nodes), "edges": tuple(edges), "groups": tuple(groups)}
    return diagram.model_copy(update=update), changed


def _shared(diagram: Diagram, words: Sequence[Word]) -> tuple[dict[str, str], list[Word]]:
    """The text inside each symbol (the smallest that holds a word's middle), lines kept apart; and the other words."""
    boxes = sorted((node.box.area, node.id, node.box) for node in diagram.nodes if node.box is not None)
    held: dict[str, list[Word]] = {}
    left: list[Word] = []
    for word in words:
        owner = next((id for _, id, box in boxes if box.contains(*word.box.center)), None)
        if owner is None:
            left.append(word)
        else:
            held.setdefault(owner, []).append(word)
    return {id: "\n".join(line.text for line in _lines(own)) for id, own in held.items()}, left


def _lines(words: Sequence[Word]) -> list[_Line]:
    """Words side by side on one height, from top to bottom; also those that stand close under one another, joined."""
    rows: list[list[Word]] = []
    for word in sorted(words, key=lambda w: (w.box.center[1], w.box.x)):
        middle = word.box.center[1]
        row = next((r for r in rows if r[-1].box.y <= middle <= r[-1].box.bottom), None)
        if row is None:
            rows.append([word])
        else:
            row.append(word)
    found: list[_Line] = []
    for row in rows:
        row.sort(key=lambda w: w.box.x)
        run = [row[0]]
        for word in row[1:]:
            if word.box.x - run[-1].box.right > 1.5 * max(word.box.h, run[-1].box.h):
                found.append(_line(run))
                run = []
            run.append(word)
        found.append(_line(run))
    return sorted(found, key=lambda line: (line.box.y, line.box.x))


def _line(words: Sequence[Word]) -> _Line:
    x, y = min(w.box.x for w in words), min(w.box.y for w in words)
    right, bottom = max(w.box.right for w in words), max(w.box.bottom for w in words)
    return _Line(" ".join(w.text for w in words), Box(x, y, right - x, bottom - y))


def _parts(text: str) -> list[str]:
    return text.split("\n")


def _joined(label: str, text: str) -> str:
    """Lines as one label: a break is a space; a word cut by a hyphen is joined if that is nearer to what was seen."""
    plain = " ".join(text.split("\n"))
    whole = " ".join(re.sub(r"(?<=\w)-\n(?=[^\W\d_])", "", text).split("\n"))
    if plain == whole:
        return plain
    return whole if not label or _ratio(label, whole) >= _ratio(label, plain) else plain


def _alike(label: str, text: str) -> float:
    """Agreement of what was read with a text, whatever its lines; letters that look alike are one."""
    return _ratio(label, " ".join(text.split("\n")))


_TWINS = str.maketrans("АВЕКМНОРСТУХаеорсухіІЅ0|l", "ABEKMHOPCTYXaeopcyxiISOII")


def _ratio(a: str, b: str) -> float:
    if a == b:
        return 1.0
    if not a or not b or max(len(a), len(b)) > 400:
        return 0.0
    return SequenceMatcher(None, a.translate(_TWINS).lower(), b.translate(_TWINS).lower(), autojunk=False).ratio()
