"""First letters that an icon covers: modellers write a task's name over the sign in its corner where there is no room.

The letter hangs together with the sign, so it is no part of the line that is read.  Read with what stands before it,
such a line has a capital more.  Where that cannot be read either, the names of other tasks tell: in a process most of
them begin with one of a few verbs.
"""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.drawing import Scene
from diagrasp.engines.embedded.picture.raster import Image
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.reading import LineReader, Reading
from diagrasp.engines.embedded.text.textlines import TextLine

REACH = (0.85, 1.1, 1.35, 1.6)
"""How much more is read, in letter heights."""
AGREED = 3
"""Readings that see the same letter at least."""
USUAL = 0.6
"""Share of the other tasks' names that must begin with a capital for one to be missed."""
WHOLE = 4
"""Letters of a word at least that are enough to know it by."""
LOST, GAINED = 2, 3
"""Letters that a sign covers at most, and signs that are read before a word at most."""
CORNER = 4.6
"""Letter heights from a task's upper side to the lower end of the sign in its corner at most."""


def with_covered_capitals(scene: Scene, pixels: Image, readings: list[Reading], reader: LineReader) -> list[Reading]:
    """The readings; names of tasks that begin with a small letter behind an icon have the capital that it covers.

    Args:
        pixels: (H, W, 3) RGB, the picture.
        readings: of the scene's lines of text, in their order.
    """
    place = {id(line): k for k, line in enumerate(scene.text.lines)}
    first: list[tuple[int, Rect]] = []
    for i, lines in scene.inside.items():
        node = scene.nodes[i]
        flat = [t for t in lines if not t.vertical and readings[place[id(t)]].text.strip()]
        if node.shape in ("rounded", "process") and flat and len(node.outline.parts) < 2:
            top = min(flat, key=lambda t: t.box.y0)
            row = [t for t in flat if abs(t.box.cy - top.box.cy) <= 0.5 * top.size]
            first.append((place[id(min(row, key=lambda t: t.box.x0))], node.outline.box))
    behind = [_behind(scene, k, box) for k, box in first]
    begun = [_name(readings[k].text)[:1] for k, _ in first]
    others = [c.isupper() for c, hidden in zip(begun, behind, strict=True) if not hidden]
    if sum(others) < USUAL * len(others):
        return readings
    covered = [k for (k, _), c, hidden in zip(first, begun, behind, strict=True) if hidden and c.islower()]
    crops = [_crop(scene, pixels, scene.text.lines[k], reach) for k in covered for reach in REACH]
    said = reader.read(crops) if crops else []
    out = list(readings)
    for n, k in enumerate(covered):
        old = _name(readings[k].text)
        votes = Counter(_capital(r.text.strip(), old) for r in said[len(REACH) * n : len(REACH) * (n + 1)])
        del votes[""]
        if votes and votes.most_common(1)[0][1] >= AGREED:
            out[k] = readings[k]._replace(text=votes.most_common(1)[0][0] + old)
    verbs = sorted(
        {w for w in (_first(out[k].text) for k, _ in first) if w.isalpha() and w.istitle() and len(w) > WHOLE}
    )
    for (k, _), hidden in zip(first, behind, strict=True):
        word = _first(out[k].text)
        whole = _completed(word, verbs, hidden=hidden)
        if whole:
            out[k] = out[k]._replace(text=whole + out[k].text.strip()[len(word) :])
    return out


def _first(text: str) -> str:
    """The first word of a reading, with what is read right before it."""
    found = re.match(r"([\W\d_]{1,2} )?\S+", text.strip())
    return found[0] if found else ""


def _completed(word: str, verbs: list[str], *, hidden: bool) -> str:
    """The one verb of which a word lacks the first letters, or before which a sign was read; "" where there is none.

    Args:
        word: a task's first word.
        verbs: the first words of all tasks.
        hidden: whether something is drawn right before the word.
    """
    found = []
    for verb in verbs:
        more = len(word) - len(verb)
        lacks = word.isalpha() and word.islower() and len(word) >= WHOLE and -LOST <= more < 0
        if lacks and verb.casefold().endswith(word):
            found.append(verb)
        scrap = word[: max(0, more)]
        behind = word[len(scrap) :].islower() and (hidden or not scrap.isalpha())
        if 0 < more <= GAINED and behind and word[more:] == verb.casefold():
            found.append(verb)
    return found[0] if len(found) == 1 else ""


def _name(text: str) -> str:
    """What is read without the scraps of a sign before it."""
    return text.strip().lstrip("'\"[]|`.,:;*^~-")


def _behind(scene: Scene, k: int, box: Rect) -> bool:
    """Whether a line begins right behind something drawn in a task's corner."""
    sheet, line = scene.sheet, scene.text.lines[k]
    b, size = line.box, line.size
    if b.y0 - box.y0 > CORNER * sheet.letter:
        return False
    near = slice(max(box.x0 + 2, round(b.x0 - 0.4 * size)), b.x0)
    ink = sheet.ink[b.y0 : b.y1, near] & ~scene.text.ink[b.y0 : b.y1, near]
    return bool(ink.any(axis=1).sum() >= 0.4 * b.h)


def _crop(scene: Scene, pixels: Image, line: TextLine, reach: float) -> NDArray[np.uint8]:
    """A line's pixels in grey, with `reach` letter heights before it."""
    scale, margin, b = scene.sheet.scale, 0.22 * line.size, line.box
    x0, y0 = max(0, round((b.x0 - reach * line.size) / scale)), max(0, round((b.y0 - margin) / scale))
    x1, y1 = round((b.x1 + margin) / scale), round((b.y1 + margin) / scale)
    crop = pixels[y0:y1, x0:x1].astype(np.float32)
    return (crop @ np.array([0.299, 0.587, 0.114], np.float32)).astype(np.uint8)


def _capital(new: str, old: str) -> str:
    """The capital that a longer reading has right before what was read; "" where it has none or reads otherwise."""
    tail = old[: max(3, len(old) // 2)]
    at = new.find(tail)
    return new[at - 1] if 1 <= at <= 4 and new[at - 1].isupper() else ""
