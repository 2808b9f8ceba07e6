"""Signs that touch the ends of relations, or are too small for text: how many stand at each end.

What a connector draws is like on both sides of its line, a sign stands on one side.  So around each end the line is
taken away, and what its mirror image covers, which are heads; of what is left, a row of letters is a sign.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.drawing import Scene
from diagrasp.engines.embedded.lines.paths import Points, lengths
from diagrasp.engines.embedded.picture.components import components
from diagrasp.engines.embedded.picture.raster import Image, Mask
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.reading import LineReader

AROUND, NEAR = 3.8, 2.9
"""How far around an end is looked, and how far from it a sign begins at the most, in letter heights."""
WIDEST = 3.3
"""Width of the widest sign, in letter heights."""
HEAD = (2.6, 1.0)
"""How far heads reach along the line and to either side, in letter heights."""


_RANGE = re.compile(r"(\d{1,4})\.{1,3}(\d{1,4}|\D?)")
_ZERO = str.maketrans("OОoо", "0000")


class Sign(NamedTuple):
    """What may be a sign: the connector it stands at, by its position, which end, where, and its picture in grey."""

    connector: int
    end: str
    box: Rect
    crop: Image
    star: bool


def counts(scene: Scene, reader: LineReader) -> dict[tuple[int, str], tuple[str, Rect]]:
    """What is said at the ends of connectors about how many there are, and where, by connector and end."""
    signs = signs_at_ends(scene)
    readings = reader.read([sign.crop for sign in signs])
    said = [(s, "*" if s.star else _count(r.text, r.confidence)) for s, r in zip(signs, readings, strict=True)]
    return {(s.connector, s.end): (count, s.box) for s, count in said if count}


def beside_signs(box: Rect, signs: dict[str, tuple[str, Rect]]) -> bool:
    """Whether a text is but part of a sign."""
    return any(sign.grow(2).overlap(box) > 0.4 * box.w * box.h for _, sign in signs.values())


def _count(text: str, sure: float) -> str | None:
    """A sign as a multiplicity; strictly, for parts of heads look like letters, too."""
    plain = text.replace(" ", "").translate(_ZERO)
    found = _RANGE.fullmatch(plain)
    if found and sure >= 0.4:
        return f"{found[1]}..{found[2] if found[2].isdigit() else '*'}"
    if (plain == "*" and sure >= 0.4) or (plain == "1" and sure >= 0.7) or (plain.isdigit() and sure >= 0.97):
        return plain
    return None


def _star(mask: Mask) -> bool:
    """Whether ink is an asterisk: five rays or more, and full in the middle."""
    h, w = mask.shape
    if not 0.75 <= w / h <= 1.34 or min(h, w) < 5:
        return False
    angles = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    rays = []
    for share in (0.6, 0.72):
        xs = np.clip(np.round(w / 2 - 0.5 + share * w / 2 * np.cos(angles)), 0, w - 1).astype(int)
        ys = np.clip(np.round(h / 2 - 0.5 + share * h / 2 * np.sin(angles)), 0, h - 1).astype(int)
        ring = mask[ys, xs].astype(np.int8)
        rays.append(int((np.diff(np.concatenate([ring[-1:], ring])) == 1).sum()))
    middle = mask[int(0.35 * h) : int(0.65 * h) + 1, int(0.35 * w) : int(0.65 * w) + 1]
    return max(rays) in (5, 6, 7) and min(rays) >= 4 and float(middle.mean()) >= 0.75


def signs_at_ends(scene: Scene) -> list[Sign]:
    """What stands beside the ends of connectors and may be a sign, each at the end that is nearest."""
    letter = scene.sheet.letter
    ink = _loose(scene)
    found: list[tuple[float, int, str, Rect, Mask]] = []
    for k, connector in enumerate(scene.connectors):
        for end, path in (("source", connector.path), ("target", connector.path[::-1])):
            for away, box, mask in _beside(ink, path, letter):
                found.append((away, k, end, box, mask))
    out: list[Sign] = []
    for _, k, end, box, mask in sorted(found, key=lambda f: f[0]):
        taken = any((s.connector, s.end) == (k, end) or s.box.overlap(box) > 0 for s in out)
        if not taken:
            out.append(Sign(k, end, box, _crop(scene, box, mask), _star(mask)))
    return out


def _loose(scene: Scene) -> Mask:
    """(H, W) bool: ink outside of symbols and of words, without the connectors' lines."""
    sheet, letter = scene.sheet, scene.sheet.letter
    out = sheet.ink.astype(np.uint8)
    for node in scene.nodes:
        b = node.box.grow(1)
        out[max(0, b.y0) : b.y1, max(0, b.x0) : b.x1] = 0
    for line in scene.text.lines:
        b = line.box
        if max(b.w, b.h) > WIDEST * letter:
            out[b.y0 : b.y1, b.x0 : b.x1] = 0
    thick = 2 * max(1, round(0.1 * letter)) + 1
    for connector in scene.connectors:
        cv2.polylines(out, [np.round(connector.path).astype(np.int32)], False, 0, thick)
    return out > 0


def _beside(ink: Mask, path: Points, letter: float) -> list[tuple[float, Rect, Mask]]:
    """The rows of letters around a path's first point: how far from it, where, and the ink that is theirs."""
    tip = path[0]
    reach = round(AROUND * letter)
    x0, y0 = max(0, int(tip[0]) - reach), max(0, int(tip[1]) - reach)
    crop = ink[y0 : int(tip[1]) + reach, x0 : int(tip[0]) + reach].astype(np.uint8)
    if not crop.any():
        return []
    rest = crop & ~_mirrored(crop, path, (x0, y0), letter)
    _, labels, stats, _ = components(rest)
    parts = [
        (i, Rect(x0 + x, y0 + y, x0 + x + w, y0 + y + h)) for i, (x, y, w, h, area) in enumerate(stats[1:].tolist(), 1)
        if max(w, h) <= 1.5 * letter and area >= 0.012 * letter * letter
        and x > 0 and y > 0 and x + w < crop.shape[1] and y + h < crop.shape[0]
    ]  # fmt: skip
    out = []
    for row in _rows(parts, letter):
        box = row[0][1]
        for _, other in row[1:]:
            box = box.union(other)
        sizes = [(r.w, r.h) for _, r in row]
        written = any(h >= 0.5 * letter or (min(w, h) >= 0.32 * letter) for w, h in sizes)
        if not written or box.w > WIDEST * letter or not 0.32 * letter <= box.h <= 1.5 * letter:
            continue
        dx, dy = max(box.x0 - tip[0], tip[0] - box.x1, 0), max(box.y0 - tip[1], tip[1] - box.y1, 0)
        away = float(np.hypot(dx, dy))
        if away <= NEAR * letter:
            mine = np.isin(labels, [i for i, _ in row])
            out.append((away, box, mine[box.y0 - y0 : box.y1 - y0, box.x0 - x0 : box.x1 - x0]))
    return out


def _mirrored(crop: NDArray[np.uint8], path: Points, origin: tuple[int, int], letter: float) -> NDArray[np.uint8]:
    """What the mirror image of the ink covers about a path's beginning, as far as heads reach."""
    along = lengths(path)
    far = path[min(int(np.searchsorted(along, min(2.4 * letter, 0.5 * along[-1]))), len(path) - 1)]
    way = far - path[0]
    way = way / (float(np.hypot(*way)) or 1.0)
    tip = path[0] - origin
    turn = np.array([[2 * way[0] ** 2 - 1, 2 * way[0] * way[1]], [2 * way[0] * way[1], 2 * way[1] ** 2 - 1]])
    matrix = np.hstack([turn, (tip - turn @ tip)[:, None]])
    flipped = cv2.warpAffine(crop * 255, matrix, crop.shape[::-1])
    slack = 2 * max(1, round(0.08 * letter)) + 1
    covered = np.asarray(cv2.dilate((flipped > 100).astype(np.uint8), np.ones((slack, slack), np.uint8)), np.uint8)
    ys, xs = np.mgrid[0 : crop.shape[0], 0 : crop.shape[1]]
    d = (xs - tip[0]) * way[0] + (ys - tip[1]) * way[1]
    s = np.abs((ys - tip[1]) * way[0] - (xs - tip[0]) * way[1])
    covered[(d > HEAD[0] * letter) | (s > HEAD[1] * letter)] = 0
    return covered


def _rows(parts: list[tuple[int, Rect]], letter: float) -> list[list[tuple[int, Rect]]]:
    """Parts gathered into rows: beside each other, at one height."""
    rows: list[list[tuple[int, Rect]]] = []
    for number, box in sorted(parts, key=lambda p: p[1].x0):
        for row in rows:
            hull = Rect(min(r.x0 for _, r in row), min(r.y0 for _, r in row),
                        max(r.x1 for _, r in row), max(r.y1 for _, r in row))  # fmt: skip
            shared = min(hull.y1, box.y1) - max(hull.y0, box.y0)
            if box.x0 - hull.x1 <= 0.45 * letter and shared >= 0.6 * min(hull.h, box.h):
                row.append((number, box))
                break
        else:
            rows.append([(number, box)])
    return rows


def _crop(scene: Scene, box: Rect, mask: Mask) -> Image:
    """A sign alone on its ground, in grey."""
    sheet = scene.sheet
    pad = max(2, round(0.22 * max(box.h, 0.7 * sheet.letter)))
    b = Rect(
        max(0, box.x0 - pad), max(0, box.y0 - pad), min(sheet.width, box.x1 + pad), min(sheet.height, box.y1 + pad)
    )
    own = np.zeros((b.h, b.w), np.uint8)
    own[box.y0 - b.y0 : box.y1 - b.y0, box.x0 - b.x0 : box.x1 - b.x0] = mask
    own = np.asarray(cv2.dilate(own, np.ones((3, 3), np.uint8)), np.uint8)
    view = (slice(b.y0, b.y1), slice(b.x0, b.x1))
    pixels = np.where(own[..., None] > 0, sheet.rgb[view], sheet.ground[view])
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2GRAY), np.uint8)
