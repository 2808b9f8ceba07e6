"""Outlines that their own text tears: a row of letters from border to border cuts the paper inside in two.

The pieces stand above each other with letters between them; letters that reach one border only cut a notch.  The
convex hull is the outline, where it is of a
symbol's shape and where ink is drawn along it.
"""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.picture.components import runs_of
from diagrasp.engines.embedded.picture.raster import Sheet, median_colour
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.symbols.outlines import SLANTED, Outline, cut_off
from diagrasp.engines.embedded.symbols.shapes import classify
from diagrasp.engines.embedded.symbols.stacks import whole_cylinder

WHOLE = frozenset({"process", "rounded", "stadium", "ellipse", "circle", "decision", "data", "hexagon"})
BOXES = ("process", "rounded", "stadium", "ellipse")
FIT = 0.9
"""Least intersection over union of a mended outline with its template."""
DRAWN = 0.7
"""Least share of a mended outline that runs along ink."""
NOTCHED, NOTCHED_DRAWN = 0.6, 0.85
"""The same two for an outline in one piece with notches that letters cut: how well it fits without mending at least."""
HOLLOWED = 0.4
"""How well an outline fits at least of which words on its sides leave little."""
SURE = {"decision": 0.95, "ellipse": 0.97, "circle": 0.97}
"""How well such a one fits at least when mended: pockets between connectors hardly ever become one of these."""
HELD = 0.1
"""Least share of a mended outline that a symbol within it has."""
OVAL = 0.95
"""How well a whole oval fits at least: half of one, or of a box, fits much worse."""
BOX, BOX_DRAWN = 0.97, 0.95
"""How well an outline fits, and what share of it is drawn, that is a box however little letters leave of its inside."""
LOW, LOWEST = 2.5, 1.7
"""Least height of a mended outline, in letter heights; and of a box that surely is one: of a single row of text."""
TIP, FARTHEST = 0.15, 0.25
"""How far beyond its pieces a rhombus's corners lie at most, as a share of its side; and where its sides are drawn."""
SAMPLED = 4000
"""Pixels that tell a colour."""
FLAT = 0.5
"""Share of its width by which a flat rhombus reaches at either side beyond what a word in it leaves, at most."""
WORD = 3.0
"""Width of the longest notch that a row of words along a side cuts, in letter heights, at least."""
EQUAL = 0.5
"""Least ratio of the widths of the pieces of a box."""
GAP = 2.0
"""Letter heights between two pieces at most: one row of text."""


def mend(sheet: Sheet, found: list[Outline]) -> list[Outline]:
    """Outlines, smallest first, with torn ones made whole; their pieces are left out."""
    letter = sheet.letter
    pieces = sorted(
        (
            o for o in found
            if o.box.w >= 1.2 * letter and o.box.h >= 0.6 * letter and o.box.w <= 40 * letter
            and not _whole(o, letter) and not cut_off(sheet, o)
        ),
        key=lambda o: o.box.y0,
    )  # fmt: skip
    below: dict[int, list[int]] = {}
    colours: dict[int, NDArray[np.float64]] = {}
    for i, upper in enumerate(pieces):
        for j in range(i + 1, len(pieces)):
            lower = pieces[j]
            if lower.box.y0 > upper.box.y1 + GAP * letter:
                break
            if _torn(sheet, upper, lower, colours):
                below.setdefault(i, []).append(j)
    gone: set[int] = set()
    whole: list[Outline] = []
    for i in sorted(below, key=lambda i: pieces[i].box.y0):
        if id(pieces[i]) in gone:
            continue
        best: tuple[Outline, list[Outline]] | None = None
        for chain in _chains(below, i):
            parts = [pieces[k] for k in chain]
            if any(id(p) in gone for p in parts):
                continue
            made = _make(sheet, parts)
            if made is not None and not is_unlike(made, parts) and (best is None or made.fit.score > best[0].fit.score):
                best = made, parts
        if best is not None:
            whole.append(best[0])
            gone |= {id(p) for p in best[1]}
    for o in found:
        if id(o) in gone or not (HOLLOWED <= o.fit.score < 0.97) or o.box.w > 40 * letter or o.fit.shape == "triangle":
            continue
        tube = whole_cylinder(sheet, o) if o.fit.shape == "database" else None
        if tube is not None:
            whole.append(tube)
            gone.add(id(o))
            continue
        made = _make(sheet, [o], NOTCHED_DRAWN)
        better = made is not None and made.fit.score > o.fit.score + 0.01
        if made is not None and o.fit.score < NOTCHED:
            sure = made.fit.score >= SURE.get(made.fit.shape, np.inf) or _surely(sheet, made)
            better = sure and not _holds(made, found)
        if (
            made is not None
            and better
            and _notches(o, made, letter)
            and not _bitten(sheet, o, made)
            and not _notched_by(o, found, letter)
        ):
            whole.append(made)
            gone.add(id(o))
    if not whole:
        return found
    return sorted(
        [o for o in found if id(o) not in gone and not _scrap(o, whole, letter)] + whole, key=lambda o: o.area
    )


def _holds(made: Outline, found: list[Outline]) -> bool:
    """Whether there is a symbol of some size within a mended outline: a ring around it, then, that a line cuts."""
    return any(
        o.fit.score >= 0.93 and HELD * made.area <= o.area < 0.95 * made.area and made.box.inside(o.box.cx, o.box.cy)
        for o in found
    )  # fmt: skip


def _surely(sheet: Sheet, made: Outline) -> bool:
    """Whether a mended outline is a box beyond doubt, by its shape and by the line all around it."""
    if made.fit.shape not in BOXES or made.fit.score < BOX:
        return False
    contours, _ = cv2.findContours(np.pad(made.mask, 1), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE, offset=(-1, -1))
    points = np.asarray(contours[0], np.int32) + np.array([made.box.x0, made.box.y0], np.int32)
    return _drawn(sheet, points) >= BOX_DRAWN


def is_unlike(made: Outline, parts: list[Outline]) -> bool:
    """Whether a box was made of pieces of which one is much narrower: a symbol above what connectors enclose."""
    wide = sorted(p.box.w for p in parts)
    return made.fit.shape in ("process", "rounded") and wide[0] < EQUAL * wide[-1]


def _whole(o: Outline, letter: float) -> bool:
    """Whether an outline of a symbol's size is one that letters have not torn: no piece is of such a shape."""
    least = OVAL if o.fit.shape == "ellipse" else 0.97
    return o.fit.shape in SLANTED and o.fit.score >= least and o.box.h >= 1.4 * letter


def _notches(o: Outline, made: Outline, letter: float) -> list[tuple[int, ...]]:
    """What mending fills: left, top, width, height and area of each piece; what a hand's wobbling leaves is smaller."""
    x, y = o.box.x0 - made.box.x0, o.box.y0 - made.box.y0
    before = np.zeros_like(made.mask)
    high, wide = before[max(0, y) :, max(0, x) :].shape
    own = o.mask[max(0, -y) :, max(0, -x) :][:high, :wide]
    before[max(0, y) : max(0, y) + own.shape[0], max(0, x) : max(0, x) + own.shape[1]] = own
    _, _, stats, _ = cv2.connectedComponentsWithStats(made.mask & (1 - before), connectivity=8)
    return [tuple(n) for n in stats[1:].tolist() if n[4] > 0.3 * letter * letter]


def _bitten(sheet: Sheet, o: Outline, made: Outline) -> bool:
    """Whether what was filled is no letter but an event on the border, or an icon in the corner.

    Letters that overflow a box reach its left or right side; where they do, an icon in the corner is no harm.
    """
    if made.fit.shape not in ("process", "rounded") or made.mask.shape != o.mask.shape:
        return False
    letter, b = sheet.letter, made.box
    icons = words = 0
    notches = _notches(o, made, letter)
    along = {n for n in notches if _along(sheet, b, n[0], n[2], above=n[1] <= 1, below=n[1] + n[3] >= b.h - 1)}
    rows = {n[1] <= 1 for n in along if n[2] >= WORD * letter}
    for x, y, w, h, area in notches:
        if (y > 1 and y + h < b.h - 1) or ((x, y, w, h, area) in along and (y <= 1) in rows):
            words += 1
        elif x <= 1 and y <= 1 and w <= 0.8 * b.w and h <= 0.6 * b.h and _cornered(sheet, b, w, h):
            icons += 1
        else:
            return True
    return icons > 0 and not words and o.fit.shape in ("process", "rounded")


def _along(sheet: Sheet, box: Rect, x: int, w: int, *, above: bool, below: bool) -> bool:
    """Whether a notch lies along a box's upper or lower side, which is drawn there and has nothing on it: a word's.

    An event that sits on a side reaches beyond it; connectors that end there are narrow.

    Args:
        x: where the notch begins in the box, and how wide it is.
    """
    letter = sheet.letter
    if above == below:
        return False
    near, inner, outer = max(3, round(0.25 * letter)), round(0.6 * letter), round(1.0 * letter)
    columns = sheet.ink[:, box.x0 + x : box.x0 + x + w]
    if above:
        side, beyond = columns[max(0, box.y0 - near) : box.y0], columns[max(0, box.y0 - outer) : max(0, box.y0 - inner)]
    else:
        side, beyond = columns[box.y1 : box.y1 + near], columns[box.y1 + inner : box.y1 + outer]
    starts, ends = runs_of(np.atleast_2d(beyond.any(axis=0)))
    wide = ends - starts
    few = len(wide) <= 1 + w / (10 * letter) and (wide <= 1.7 * letter).all()
    return bool(side.any(axis=0).mean() > 0.95 and few)


def _cornered(sheet: Sheet, box: Rect, w: int, h: int) -> bool:
    """Whether the border is drawn around the notch in an outline's upper left corner: an event would cover it."""
    near = max(3, round(0.25 * sheet.letter))
    y0, x0 = max(0, box.y0 - near), max(0, box.x0 - near)
    above = sheet.ink[y0 : box.y0 + 1, box.x0 + w // 2 : min(box.x0 + 2 * w, box.x1 - w // 2)].any(axis=0)
    left = sheet.ink[box.y0 + h // 2 : min(box.y0 + 2 * h, box.y1 - h // 2), x0 : box.x0 + 1].any(axis=1)
    return bool(above.size and left.size and above.mean() > 0.9 and left.mean() > 0.9)


def _notched_by(o: Outline, found: list[Outline], letter: float) -> bool:
    """Whether symbols reach into an outline's notches: then it is space between connectors, no torn symbol."""
    for other in found:
        b = other.box
        if other is o or other.fit.score < 0.93 or min(b.w, b.h) < 1.8 * letter or other.area > 0.5 * o.area:
            continue
        if other.fit.shape not in ("process", "rounded", "stadium"):  # an event or a port sits on a border
            continue
        shared = b.overlap(o.box)
        if not 0.15 * b.w * b.h < shared < 0.85 * b.w * b.h:
            continue
        x, y = int(min(max(b.cx, o.box.x0), o.box.x1 - 1)), int(min(max(b.cy, o.box.y0), o.box.y1 - 1))
        if not o.mask[y - o.box.y0, x - o.box.x0]:
            return True
    return False


def _scrap(o: Outline, whole: list[Outline], letter: float) -> bool:
    """Whether an outline is a bit of paper between the letters inside a mended one."""
    small = [w for w in whole if o.box.h <= 1.6 * letter and o.area < 0.1 * w.area]
    return any(w.box.inside(o.box.cx, o.box.cy) for w in small)


def _colour(sheet: Sheet, o: Outline) -> NDArray[np.float64]:
    """(3,) the colour of what an outline holds, by some thousand of its pixels: a slanted one is half of its bounds."""
    b = o.box
    step = max(1, int((b.w * b.h / SAMPLED) ** 0.5))
    own = o.mask[::step, ::step] > 0
    pixels = sheet.rgb[b.y0 : b.y1 : step, b.x0 : b.x1 : step]
    return median_colour(pixels[own] if own.any() else pixels.reshape(-1, 3))


def _torn(sheet: Sheet, upper: Outline, lower: Outline, colours: dict[int, NDArray[np.float64]]) -> bool:
    """Whether only letters part two pieces, one above the other.

    Args:
        colours: those of pieces known so far, by their identity; filled as they are asked for.
    """
    a, b, letter = upper.box, lower.box, sheet.letter
    x0, x1 = max(a.x0, b.x0), min(a.x1, b.x1)
    if x1 - x0 < 0.6 * min(a.w, b.w) or b.y0 < a.y0 + 0.3 * letter or b.y1 <= a.y1:
        return False
    if not -1.2 * letter <= b.y0 - a.y1 <= GAP * letter:
        return False
    for piece in (upper, lower):
        if id(piece) not in colours:
            colours[id(piece)] = _colour(sheet, piece)
    if np.abs(colours[id(upper)] - colours[id(lower)]).max() > 10:
        return False
    rim = 1 if b.y0 >= a.y1 else max(3, round(0.3 * letter))  # where pieces overlap, a side may lie beyond both
    y0, y1 = min(a.y1, b.y0) - rim, max(a.y1, b.y0) + rim
    band = sheet.ink[max(0, y0) : y1, x0:x1]
    if band.size == 0:
        return False
    longest = cv2.morphologyEx(
        band.astype(np.uint8), cv2.MORPH_OPEN, np.ones((1, max(3, int(0.5 * (x1 - x0)))), np.uint8)
    )
    return bool(band.any()) and not longest.any()  # a line between compartments is no text


def _chains(below: dict[int, list[int]], start: int) -> list[list[int]]:
    """The ways down from a piece, at most five pieces long."""
    out: list[list[int]] = []
    ways = [[start]]
    while ways and len(out) < 40:
        way = ways.pop()
        for j in below.get(way[-1], [])[:3]:
            out.append([*way, j])
            if len(way) < 4:
                ways.append([*way, j])
    return out


def _make(sheet: Sheet, parts: list[Outline], drawn: float = DRAWN) -> Outline | None:
    """The outline that pieces make together; None where they make none."""
    box = parts[0].box
    for p in parts[1:]:
        box = box.union(p.box)
    low = min(box.w, box.h) < LOW * sheet.letter
    if min(box.w, box.h) < (LOWEST if len(parts) == 1 else LOW) * sheet.letter:
        return None
    corners: list[NDArray[np.int32]] = []
    for p in parts:
        contours, _ = cv2.findContours(np.pad(p.mask, 1), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE, offset=(-1, -1))
        corners += [np.asarray(c, np.int32) + np.array([p.box.x0, p.box.y0], np.int32) for c in contours]
    hull = np.asarray(cv2.convexHull(np.vstack(corners)), np.int32)
    if _steps(parts, box, sheet.letter):
        return None
    best: Outline | None = None
    for points in _widened(hull, box):
        x0, y0 = (int(v) for v in points.min(axis=(0, 1)))
        x1, y1 = (int(v) + 1 for v in points.max(axis=(0, 1)))
        if x0 < 0 or y0 < 0 or x1 > sheet.width or y1 > sheet.height:
            continue  # nothing is drawn beyond the picture's edge
        mask = np.zeros((y1 - y0, x1 - x0), np.uint8)
        cv2.fillConvexPoly(mask, points - np.array([x0, y0], np.int32), 1)
        fit = classify(mask, letter=sheet.letter)
        if fit.shape not in WHOLE or fit.score < FIT:
            continue
        sure = fit.shape == "decision" and fit.score >= 0.95  # lines that connect hardly ever make a rhombus
        sure = sure and box.grow(TIP * max(box.w, box.h)).overlap(Rect(x0, y0, x1, y1)) == (x1 - x0) * (y1 - y0)
        least = min(drawn, DRAWN) if sure else drawn if points is hull else max(drawn, NOTCHED_DRAWN)
        if _drawn(sheet, points) < least:
            continue
        main = max(parts, key=lambda p: p.area)
        if low and (fit.shape not in BOXES or fit.score < BOX or _drawn(sheet, points) < BOX_DRAWN):
            continue
        if best is None or fit.score > best.fit.score:
            best = Outline(main.region, Rect(x0, y0, x1, y1), mask, fit, int(mask.sum()), main.outside)
    return best


def _steps(parts: list[Outline], box: Rect, letter: float) -> bool:
    """Whether pieces of rectangles differ in width: then they are not of one."""
    straight = [p for p in parts if p.fit.shape in ("process", "rounded") and p.fit.score > 0.93]
    narrow = any(p.box.x0 - box.x0 > letter or box.x1 - p.box.x1 > letter for p in straight)
    return narrow and len(straight) == len(parts)


def _widened(hull: NDArray[np.int32], box: Rect) -> list[NDArray[np.int32]]:
    """A hull as it is, and as the rhombus whose sides its longest slanted sides lie on: letters hide its corners."""
    out = [hull]
    points = hull.reshape(-1, 2).astype(np.float64)
    closed = np.vstack([points, points[:1]])
    sides = []
    for a, b in pairwise(closed):
        d = b - a
        if np.hypot(*d) > 0.12 * (box.w + box.h) and abs(d[0]) > 0.1 * abs(d[1]) and abs(d[1]) > 0.1 * abs(d[0]):
            sides.append((a, b))
    quarter: dict[tuple[bool, bool], tuple[NDArray[np.float64], NDArray[np.float64]]] = {}
    for a, b in sides:
        middle = (a + b) / 2
        key = bool(middle[0] > box.cx), bool(middle[1] > box.cy)
        if key not in quarter or np.hypot(*(b - a)) > np.hypot(*(quarter[key][1] - quarter[key][0])):
            quarter[key] = a, b
    if len(quarter) == 4:
        order = [quarter[False, False], quarter[True, False], quarter[True, True], quarter[False, True]]
        corners = [_meet(order[k - 1], order[k]) for k in range(4)]
        limits = box.grow(FARTHEST * max(box.w, box.h))
        limits = Rect(round(box.x0 - FLAT * box.w), limits.y0, round(box.x1 + FLAT * box.w), limits.y1)
        if all(c is not None and limits.inside(*c) for c in corners):
            out.append(np.array([[c] for c in corners]).round().astype(np.int32))
    return out


def _meet(
    one: tuple[NDArray[np.float64], NDArray[np.float64]], two: tuple[NDArray[np.float64], NDArray[np.float64]]
) -> tuple[float, float] | None:
    """Where two lines meet."""
    (p, q), (r, s) = one, two
    u, v = q - p, s - r
    across = float(u[0] * v[1] - u[1] * v[0])
    if abs(across) < 1e-6:
        return None
    t = float((r[0] - p[0]) * v[1] - (r[1] - p[1]) * v[0]) / across
    return float(p[0] + t * u[0]), float(p[1] + t * u[1])


def _drawn(sheet: Sheet, points: NDArray[np.int32]) -> float:
    """The share of an outline that has ink within a few pixels outside of it."""
    closed = np.vstack([points.reshape(-1, 2), points.reshape(-1, 2)[:1]]).astype(np.float64)
    middle = closed[:-1].mean(axis=0)
    steps, ways = [], []
    for a, b in pairwise(closed):
        n = max(1, int(np.hypot(*(b - a))))
        steps.append(a + (b - a) * (np.arange(n)[:, None] / n))
        across = np.array([b[1] - a[1], a[0] - b[0]]) / max(1e-6, float(np.hypot(*(b - a))))
        ways.append(np.tile(across if across @ (a - middle) > 0 else -across, (n, 1)))
    line, away = np.vstack(steps), np.vstack(ways)
    hit = np.zeros(len(line), bool)
    for k in range(-1, max(4, round(0.35 * sheet.letter))):
        at = (line + away * k).round().astype(int)
        at[:, 0] = at[:, 0].clip(0, sheet.width - 1)
        at[:, 1] = at[:, 1].clip(0, sheet.height - 1)
        hit |= sheet.ink[at[:, 1], at[:, 0]]
    return float(hit.mean())
