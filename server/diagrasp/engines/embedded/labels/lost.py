"""Words beside connectors that the search for text had to leave out: they touch a line, or their letters run together.

Before the connectors are known, such ink may as well be an arrow head, a corner or a dash.  What they leave over is
gathered to words here, far from heads; the reader has the last say, and what reads as no word is nothing.
"""

from __future__ import annotations

import math

import numpy as np

from diagrasp.engines.embedded.drawing import Scene
from diagrasp.engines.embedded.lines.connectors import Connector
from diagrasp.engines.embedded.lines.paths import away, dense
from diagrasp.engines.embedded.picture.components import components
from diagrasp.engines.embedded.picture.raster import Mask, Sheet
from diagrasp.engines.embedded.picture.rect import Rect, bounding_box
from diagrasp.engines.embedded.reading import Reading
from diagrasp.engines.embedded.text.textlines import Text, TextLine

HEAD = 1.3
"""Letter heights around a head within which ink is the head's."""
NEAR = 1.8
"""Letter heights between a connector and a word that may be its."""
GAP = 0.5
"""Letter heights between the letters of a word at most."""
MOST = 48
"""Words that are read at most."""
SURE, VERY_SURE = 0.7, 0.9
"""Least confidence of a word, and of a single digit or plus; single letters may be heads."""
SUPPORTED = 0.5
"""The same of a word of some letters that stands right above or below a line of text as one label's lines do."""


def lost_words(sheet: Sheet, text: Text, strokes: Mask, rest: Mask, connectors: list[Connector]) -> list[TextLine]:
    """What may be words beside the connectors.

    Args:
        strokes: (H, W) bool, the ink that connectors were looked for in.
        rest: (H, W) bool, the same without the connectors' own strokes.
    """
    letter = sheet.letter
    if not connectors:
        return []
    _, _, stats, _ = components(rest & ~text.ink)
    tall = (stats[:, 3] >= 0.4 * letter) & (stats[:, 3] <= 1.9 * letter) & (stats[:, 2] <= 7 * letter)
    full = stats[:, 4] >= 0.15 * stats[:, 2] * stats[:, 3]
    tips = [p for c in connectors for p in _tips(c)]
    pieces = [
        box for x, y, w, h, _ in stats[tall & full].tolist()
        if not _at(box := Rect(x, y, x + w, y + h), tips, HEAD * letter)
    ]  # fmt: skip
    points = np.concatenate([dense(c.path, 0.5 * letter) for c in connectors])
    dashed = any(c.dashed for c in connectors)
    offers = []
    for row in _rows(pieces, GAP * letter):
        box = bounding_box(row)
        plus = box.w < letter and _is_plus(rest, box)
        least = 0.5 if box.w >= letter else 0.4 if plus else 0.7
        if not least * letter <= box.h <= 1.9 * letter or box.w < 0.3 * letter:
            continue
        if any(t.box.overlap(box) > 0.2 * box.w * box.h for t in text.lines):
            continue
        if box.w < letter and ((dashed and not plus) or not _alone(sheet.ink, box)):
            continue
        far = float(away(points, box).min())
        if far <= NEAR * letter:
            row = [_whole(strokes, r, 0.4 * letter) for r in row]
            offers.append((far, bounding_box(row), row))
    offers.sort(key=lambda o: o[0])
    return [TextLine(box, tuple(row), int(sheet.regions[int(box.cy), int(box.cx)])) for _, box, row in offers[:MOST]]


def without_scribble(scene: Scene, readings: dict[int, Reading]) -> None:
    """Take the doubtful lines that read as no words out of a scene, and read small pluses; changes both in place."""
    for line in scene.outside:
        if len(line.letters) == 1 and readings[id(line)].confidence < SURE and _is_plus(scene.sheet.ink, line.box):
            readings[id(line)] = Reading("+", VERY_SURE)
    sure = [t for t in scene.text.lines if not t.vertical and not any(t is d for d in scene.doubtful)]
    none = {
        id(t) for t in scene.doubtful
        if not is_word(readings[id(t)], SUPPORTED if any(_set_together(t, s) for s in sure) else SURE)
    }  # fmt: skip
    if none:
        scene.outside = [t for t in scene.outside if id(t) not in none]
        scene.inside = {
            i: kept for i, lines in scene.inside.items() if (kept := [t for t in lines if id(t) not in none])
        }


def _set_together(line: TextLine, other: TextLine) -> bool:
    """Whether a line of several letters stands right above or below another one, centred as a label's lines are."""
    a, b, size = line.box, other.box, other.size
    near = max(a.y0, b.y0) - min(a.y1, b.y1) <= 0.7 * size and min(a.x1, b.x1) > max(a.x0, b.x0)
    return near and abs(a.cx - b.cx) <= 0.5 * size and a.w >= 2.5 * size and a.y1 != b.y1


def is_word(reading: Reading, least: float = SURE) -> bool:
    """Whether what was read, as sure as `least`, is a word, a digit or a plus."""
    letters = [c for c in reading.text if c.isalnum()]
    if len(letters) < 2:
        return reading.confidence >= VERY_SURE and len(reading.text) == 1 and reading.text in "+123456789"
    return reading.confidence >= least and len(letters) >= 0.7 * len(reading.text.replace(" ", ""))


def _tips(connector: Connector) -> list[tuple[float, float]]:
    """The ends that have a head; both where none was seen."""
    ends = [(connector.path[0], connector.tail), (connector.path[-1], connector.head)]
    any_head = connector.head or connector.tail
    return [(float(p[0]), float(p[1])) for p, head in ends if head or not any_head]


def _at(box: Rect, places: list[tuple[float, float]], reach: float) -> bool:
    return any(math.hypot(max(box.x0 - x, x - box.x1, 0), max(box.y0 - y, y - box.y1, 0)) <= reach for x, y in places)


def _rows(pieces: list[Rect], gap: float) -> list[list[Rect]]:
    """Pieces side by side, each row from left to right."""
    rows: list[list[Rect]] = []
    for piece in sorted(pieces):
        for row in rows:
            last = row[-1]
            both = min(last.y1, piece.y1) - max(last.y0, piece.y0)
            if piece.x0 - last.x1 <= gap and both >= 0.5 * min(last.h, piece.h):
                row.append(piece)
                break
        else:
            rows.append([piece])
    return rows


def _alone(ink: Mask, box: Rect) -> bool:
    """Whether nothing is drawn right around a box."""
    b = Rect(max(0, box.x0 - 2), max(0, box.y0 - 2), box.x1 + 2, box.y1 + 2)
    view = ink[b.y0 : b.y1, b.x0 : b.x1].copy()
    view[box.y0 - b.y0 : box.y1 - b.y0, box.x0 - b.x0 : box.x1 - b.x0] = False
    return not view.any()


def _is_plus(ink: Mask, box: Rect) -> bool:
    """Whether what is in a box is a cross of a level and an upright bar, as the answer "+" is."""
    if not 0.8 <= box.w / box.h <= 1.25 or min(box.w, box.h) < 5:
        return False
    view = ink[box.y0 : box.y1, box.x0 : box.x1]
    a, b = view.shape[0] // 3, view.shape[1] // 3
    corners = [view[rows, columns] for rows in (slice(a), slice(-a, None)) for columns in (slice(b), slice(-b, None))]
    bars = view[a:-a].any(axis=0), view[:, b:-b].any(axis=1)
    return not any(c.any() for c in corners) and all(bool(bar.all()) for bar in bars)


def _whole(strokes: Mask, piece: Rect, rim: float) -> Rect:
    """A piece with what a connector close by has taken of it, where the two do not touch."""
    height, width = strokes.shape
    b = piece.grow(rim)
    b = Rect(max(0, b.x0), max(0, b.y0), min(width, b.x1), min(height, b.y1))
    view = strokes[b.y0 : b.y1, b.x0 : b.x1]
    number, labels, stats, _ = components(view)
    own = np.bincount(
        labels[piece.y0 - b.y0 : piece.y1 - b.y0, piece.x0 - b.x0 : piece.x1 - b.x0].ravel(), minlength=number
    )
    own[0] = 0
    x, y, w, h, _ = stats[int(own.argmax())].tolist()
    free = x > 0 and y > 0 and x + w < view.shape[1] and y + h < view.shape[0]
    return piece.union(Rect(b.x0 + x, b.y0 + y, b.x0 + x + w, b.y0 + y + h)) if free and own.any() else piece
