"""Whether a drawing is a sequence diagram, and if so what it consists of."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from diagrasp.engines.embedded.picture.raster import Image, Mask, Sheet, retake
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.sequence import fragments
from diagrasp.engines.embedded.sequence.fragments import Fragment, across_bars, find_fragments
from diagrasp.engines.embedded.sequence.heads import TALLEST, Head, common_foot, feet, find_head
from diagrasp.engines.embedded.sequence.lifelines import (
    Column,
    activations,
    columns,
    ink_of,
    joined,
    spans,
    without_boxes,
)
from diagrasp.engines.embedded.sequence.lines import Stroke, erase, horizontal, vertical
from diagrasp.engines.embedded.sequence.lone import Lone, lone_lifeline
from diagrasp.engines.embedded.sequence.messages import (
    Message,
    arrow,
    bounds,
    discs_in,
    erased,
    loops,
    parted,
    straight,
    whole,
)
from diagrasp.engines.embedded.sequence.names import with_whole_names
from diagrasp.engines.embedded.symbols.find import Symbol, cover, find_symbols
from diagrasp.engines.embedded.symbols.outlines import outlines
from diagrasp.engines.embedded.text.find import find_text
from diagrasp.engines.embedded.text.textlines import Text, TextLine

MANY, FEW = 80, 0.04
"""Level lines that tell something together, and the share of them that are messages at the least."""


@dataclass
class Sequence:
    """A sequence diagram as far as geometry goes.

    Attributes:
        pixels: (H, W, 3) uint8, the picture without what crosses its text.
        sheet: the same taken apart.
        columns, heads: the participants, from left to right.
        foot: where the lifelines end.
        messages: from the top down.
        notes: bounds of notes, dividers and other boxes with text in them.
    """

    pixels: Image
    sheet: Sheet
    columns: list[Column]
    heads: list[Head]
    foot: float
    messages: list[Message]
    frames: list[Fragment]
    text: Text
    notes: list[Rect] = field(default_factory=list)

    @property
    def size(self) -> int:
        """How much was found."""
        return len(self.heads) + len(self.messages) + len(self.frames)


def find_sequence(sheet: Sheet, pixels: Image) -> Sequence | None:
    """The sequence diagram in a drawing; None where it is none.

    Args:
        sheet: the drawing taken apart.
        pixels: (H, W, 3) uint8 RGB, the picture that it was made of.
    """
    letter = sheet.letter
    upright = vertical(sheet.ink, letter, least=1.5, gap=1.3)
    if not columns(upright, letter):
        return None
    flat = horizontal(sheet.ink, letter, least=2.0, gap=0.8)
    hanging = columns(without_boxes(upright, flat, letter), letter)
    activations(hanging, upright, sheet.ink, letter)
    found = joined(hanging, flat, letter)
    whole = _told(sheet, pixels, found, flat, None) if len(found) > 1 else None
    if whole is None and (lone := lone_lifeline(hanging, sheet.ink, letter)) is not None:
        whole = _told(sheet, pixels, [lone.column], flat, lone)
    return whole


def _told(sheet: Sheet, pixels: Image, found: list[Column], flat: list[Stroke], lone: Lone | None) -> Sequence | None:
    """What lifelines have to tell; None where they are none.

    Args:
        found: the columns that may be lifelines.
        flat: level strokes of the drawing.
        lone: what is known of the only one.
    """
    letter = sheet.letter
    if _sparse(flat, found, letter):
        return None
    pointed = lone is None and _pointed(flat, found, sheet)
    if not pointed and lone is None:  # lifelines from row to row alone tell then
        long = max(found, key=lambda c: c.bottom - c.top)
        found = [
            c for c in found if abs(c.top - long.top) <= 1.6 * letter and abs(c.bottom - long.bottom) <= 3 * letter
        ]
        if len(found) < 2 or not any(_between_alike(c, flat, letter) for c in found):
            return None
    lifelines = ink_of(found, sheet)
    mask = lifelines | _ink_of_messages(flat, found, sheet)
    clean = retake(sheet, erase(sheet.rgb, sheet.ground, mask))
    symbols = find_symbols(clean, outlines(clean))
    rims = _rims(symbols, clean.ink.shape)
    text = find_text(clean, rims & clean.ink, [s.outline.box for s in symbols if not s.container])
    known = _lone(lone, symbols, text, letter) if lone else _participants(found, sheet, clean, symbols, text)
    if known is None:
        return None
    found, heads = known
    if not pointed and not lone and not all(feet(c, h, symbols, letter) for c, h in zip(found, heads, strict=True)):
        return None
    heads = with_whole_names(heads, clean.ink, letter)
    names = [t for h in heads for t in h.lines]
    others = [t for t in text.lines if not any(n.box.inside(t.box.cx, t.box.cy) for n in names)]
    text = Text([*others, *names], text.ink)
    foot = min(common_foot(found, heads, symbols, text, letter), float(sheet.height))
    if lone:
        foot = float(lone.lower.y0 - (lone.upper.y0 - heads[0].box.y0))
    for column, head in zip(found, heads, strict=True):
        column.strokes = [
            replace(s, start=max(s.start, head.box.y1), end=min(s.end, round(foot)))
            for s in column.strokes if s.start < foot and s.end > head.box.y1
        ]  # fmt: skip
        column.bars = [b for b in column.bars if b.start > head.box.y1 - letter and b.end < foot + letter]
    if any(not column.strokes for column in found):
        return None
    seen = [list(column.strokes) for column in found]
    for column in found:
        last = column.strokes[-1]
        if foot - last.end <= 10 * letter:  # frames and notes hide its end
            column.strokes[-1] = replace(last, end=round(foot))
    top = min(h.box.y1 for h in heads)
    within = [s for s in whole(flat, text.lines, letter) if top + 0.2 * letter < s.at < foot - 0.1 * letter]
    within = [s for s in within if not _in_text(s, text, letter)]
    ink = sheet.ink & ~ink_of(found, sheet, crossed=True) & ~_bars(found, sheet)
    boxed = find_fragments(across_bars(within, found, letter), ink, letter)
    borders = [s for s in within if _border(s, boxed, letter)]
    level = parted([s for s in within if s not in borders], found, ink, letter)
    messages = straight(level, found, heads, ink, letter)
    boxes = [
        s for s in symbols if not s.container and not _crossed(s.box, found, seen, letter) and _written(s.box, text)
    ]
    messages = [m for m in messages if not _in_box(m, boxes, heads, letter)]
    full = [m for m in messages if None not in (m.source, m.target)]
    rest = erased(full, ink, letter) & ~_letters(text) & ~fragments.ink_of(boxed, ink, letter)
    rest &= cover(clean.ink.shape, [s for s in boxes if min(s.box.w, s.box.h) > letter]) == 0
    rest[: int(top)] = False
    rest[int(foot) :] = False
    rings = loops(rest, discs_in(ink, letter), found, letter)
    messages = [m for m in messages if not any(_inside(m, ring, letter) for ring in rings)]
    told = rings if lone else [m for m in messages if None not in (m.source, m.target)]
    if not any(m.head >= 1 or not pointed for m in told):
        return None
    both = sorted(messages + rings, key=lambda m: m.y)
    frames = fragments.with_messages(boxed, both, letter)
    text = _with_tabs(text, frames, ink, letter)
    mask = ink_of(found, sheet) | _ink_of_messages([s for s in within if s not in borders], found, sheet)
    return Sequence(
        _painted(pixels, sheet, mask), clean, found, heads, foot, both, frames, text,
        [s.box for s in boxes if s.box.y0 > top and s.box.y1 < foot],
    )  # fmt: skip


def _sparse(flat: list[Stroke], found: list[Column], letter: float) -> bool:
    """Whether a drawing has a lot of level lines, hardly any of which go from one column to another.

    Messages are a seventh of all level lines in sequence diagrams at the least, and half of them as a rule.
    """
    long = [s for s in flat if s.length >= 5 * letter]
    return len(long) >= MANY and sum(spans(s, found, letter) is not None for s in long) < FEW * len(long)


def _between_alike(column: Column, flat: list[Stroke], letter: float) -> bool:
    """Whether level lines of one length are centred on a column above and below, as sides of its two heads are."""
    own = [
        s for s in flat
        if s.length >= 1.5 * letter
        and abs((s.start + s.end) / 2 - column.x) <= max(0.4 * letter, 0.05 * s.length) + 0.3 * letter
    ]  # fmt: skip
    above = [s for s in own if s.at <= column.top + (TALLEST + 1) * letter]
    return any(b.at - a.at >= 3 * letter and abs(a.length - b.length) <= 1.2 * letter for a in above for b in own)


def _pointed(flat: list[Stroke], found: list[Column], sheet: Sheet) -> bool:
    """Whether some stroke between two columns ends in an arrow head at one of them."""
    letter = sheet.letter
    ink = sheet.ink & ~ink_of(found, sheet, crossed=True) & ~_bars(found, sheet)
    for stroke in flat:
        pair = spans(stroke, found, letter)
        if pair is None:
            continue
        left, right = found[pair[0]].sides(stroke.at, letter)[1], found[pair[1]].sides(stroke.at, letter)[0]
        heads = (arrow(ink, x, stroke.at, way, letter, stroke.thick) for x, way in ((left, 1), (right, -1)))
        if max(heads) >= 1:
            return True
    return False


def _rims(symbols: list[Symbol], shape: tuple[int, int]) -> Mask:
    """The pixels of the symbols' outlines."""
    out = np.zeros(shape, bool)
    for symbol in symbols:
        b, by = symbol.outline.box, symbol.border
        kernel = np.ones((2 * by + 1, 2 * by + 1), np.uint8)
        inner = np.pad(symbol.outline.mask, by)
        ring = (cv2.dilate(inner, kernel) > 0) & (inner == 0)
        y0, x0 = max(0, b.y0 - by), max(0, b.x0 - by)
        view = out[y0 : b.y1 + by, x0 : b.x1 + by]
        ring = ring[y0 - b.y0 + by :, x0 - b.x0 + by :]
        view |= ring[: view.shape[0], : view.shape[1]]
    return out


def _ink_of_messages(flat: list[Stroke], found: list[Column], sheet: Sheet) -> Mask:
    """The pixels of the strokes between lifelines, but for what crosses them."""
    out = np.zeros(sheet.ink.shape, bool)
    for stroke in flat:
        if spans(stroke, found, sheet.letter) is None:
            continue
        half = 0.5 * stroke.thick + 1
        y0, y1 = max(0, round(stroke.at - half)), round(stroke.at + half) + 1
        above = sheet.ink[max(0, y0 - 2) : y0, stroke.start : stroke.end].any(axis=0)
        below = sheet.ink[y1 : y1 + 2, stroke.start : stroke.end].any(axis=0)
        out[y0:y1, stroke.start : stroke.end] |= np.asarray(~(above | below), bool)[None, :]
    return out


def _participants(
    found: list[Column], sheet: Sheet, clean: Sheet, symbols: list[Symbol], text: Text
) -> tuple[list[Column], list[Head]] | None:
    """The columns that hang under heads; None where no two heads stand in a row."""
    letter = sheet.letter
    pairs = [(c, h) for c in found if (h := find_head(c, sheet.ink, clean, symbols, text)) is not None]
    if len(pairs) < 2:
        return None
    rows = [[(c, h) for c, h in pairs if abs(h.box.y1 - other.box.y1) <= 2.0 * letter] for _, other in pairs]
    row = max(rows, key=lambda r: (len(r), -min(h.box.y1 for _, h in r)))
    if len(row) < 2:
        return None
    floor = max(h.box.y1 for _, h in row)
    kept = [
        (c, h) for c, h in pairs
        if any(h is o for _, o in row) or (h.box.y0 > floor and h.shape == "participant" and c.top >= h.box.y1 - letter)
    ]  # fmt: skip
    used: list[Head] = []
    out: list[tuple[Column, Head]] = []
    for c, h in kept:
        if not any(h.box.overlap(o.box) > 0.5 * h.box.w * h.box.h for o in used):
            used.append(h)
            out.append((c, h))
    return [c for c, _ in out], [h for _, h in out]


def _lone(lone: Lone, symbols: list[Symbol], text: Text, letter: float) -> tuple[list[Column], list[Head]] | None:
    """The only column and its head."""
    head = lone.head(symbols, text, letter)
    return None if head is None else ([lone.column], [head])


def _in_text(stroke: Stroke, text: Text, letter: float) -> bool:
    """Whether a stroke is a row of a line of text: broken, and within its bounds."""
    return stroke.inked < 0.95 and any(
        t.box.y0 <= stroke.at <= t.box.y1 - 0.3
        and t.box.x0 - 0.5 * letter <= stroke.start
        and stroke.end <= t.box.x1 + 0.5 * letter
        for t in text.lines
    )


def _with_tabs(text: Text, frames: list[Fragment], ink: Mask, letter: float) -> Text:
    """The text with the words of tabs that touch their tab's line, which are no free letters."""
    lines = list(text.lines)
    for frame in frames:
        b = frame.box
        zone = Rect(b.x0, b.y0, b.x0 + round(3.6 * letter), b.y0 + round(2.0 * letter))
        if any(zone.inside(t.box.x0, t.box.cy) for t in lines):
            continue
        x0, y0 = b.x0 + round(0.4 * letter), b.y0 + round(0.3 * letter)
        crop = ink[y0 : b.y0 + round(1.6 * letter), x0 : x0 + round(3.4 * letter)].astype(np.uint8)
        run = cv2.morphologyEx(crop, cv2.MORPH_OPEN, np.ones((1, max(3, round(2.2 * letter))), np.uint8))
        ys, xs = np.nonzero(cv2.subtract(crop, run))
        if len(xs) and int(np.ptp(xs)) >= 0.8 * letter and int(np.ptp(ys)) >= 0.6 * letter:
            box = Rect(x0 + int(xs.min()), y0 + int(ys.min()), x0 + int(xs.max()) + 1, y0 + int(ys.max()) + 1)
            lines.append(TextLine(box, (box,), 0))
    return Text(lines, text.ink)


def _letters(text: Text) -> Mask:
    """The text's ink, but for dashes under it."""
    out = np.zeros_like(text.ink)
    for line in text.lines:
        tall = [r for r in line.letters if r.h >= 0.4 * line.size]
        if len(line.letters) < 2 or not tall:
            continue
        y0, y1 = min(r.y0 for r in tall), max(r.y1 for r in tall)
        out[y0:y1, line.box.x0 : line.box.x1] = text.ink[y0:y1, line.box.x0 : line.box.x1]
    return out


def _border(stroke: Stroke, boxed: list[Fragment], letter: float) -> bool:
    """Whether a stroke is a side of a frame, a line between its sections, or its tab's lower edge."""
    for frame in boxed:
        b = frame.box
        if not b.y0 - 0.5 * letter <= stroke.at <= b.y1 + 0.5 * letter:
            continue
        at_left = abs(stroke.start - b.x0) <= 0.6 * letter
        if at_left and abs(stroke.end - b.x1) <= 0.6 * letter:
            return True
        inside = stroke.start >= b.x0 - letter and stroke.end <= b.x1 + letter
        if inside and min(abs(stroke.at - y) for y in (b.y0, *frame.cuts, b.y1)) <= 0.3 * letter:
            return True
        if at_left and stroke.at - b.y0 <= 3 * letter and stroke.length < 0.7 * b.w:
            return True
    return False


def _in_box(message: Message, symbols: list[Symbol], heads: list[Head], letter: float) -> bool:
    """Whether a stroke is the side of a note or stands inside one."""
    for symbol in symbols:
        b = symbol.box.grow(0.15 * letter)
        if b.h > 12 * letter or any(h.box.overlap(b) > 0.5 * b.w * b.h for h in heads):
            continue
        covered = min(message.x1, b.x1) - max(message.x0, b.x0)
        if b.y0 <= message.y <= b.y1 and covered > 0.6 * (message.x1 - message.x0) and symbol.enclosed < 0.15:
            return True
    return False


def _written(box: Rect, text: Text) -> bool:
    """Whether there is text in a box."""
    return any(box.inside(t.box.cx, t.box.cy) for t in text.lines)


def _crossed(box: Rect, found: list[Column], seen: list[list[Stroke]], letter: float) -> bool:
    """Whether a lifeline is seen in a box, which is no note then: notes hide what is behind them.

    Args:
        seen: the strokes of every column as they are drawn.
    """
    top, bottom = box.y0 + 0.4 * letter, box.y1 - 0.4 * letter
    least = max(0.8 * letter, 0.2 * (bottom - top))
    return any(
        box.x0 < c.x < box.x1 and sum(max(0.0, min(s.end, bottom) - max(s.start, top)) for s in strokes) >= least
        for c, strokes in zip(found, seen, strict=True)
    )


def _inside(message: Message, ring: Message, letter: float) -> bool:
    box = bounds(ring, letter).grow(0.4 * letter)
    return box.inside((message.x0 + message.x1) / 2, message.y) and message.x1 <= box.x1 + letter


def _bars(found: list[Column], sheet: Sheet) -> Mask:
    """The activations: the bars beside and on the lifelines."""
    out = np.zeros(sheet.ink.shape, bool)
    for column in found:
        for bar in column.bars:
            left, right = column.sides((bar.start + bar.end) / 2, sheet.letter)
            x0, x1 = round(min(left, bar.at)) - 2, round(max(right, bar.at)) + 3
            out[max(0, bar.start - 2) : bar.end + 2, max(0, x0) : x1] = True
    return out


def _painted(pixels: Image, sheet: Sheet, mask: Mask) -> Image:
    """The picture itself, with the ground's colour where the mask is set."""
    height, width = pixels.shape[:2]
    size = (width, height)
    if sheet.scale > 1:
        mask = cv2.dilate(mask.astype(np.uint8), np.ones((2, 2), np.uint8)) > 0
    here = cv2.resize(mask.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    ground = cv2.resize(sheet.ground, size, interpolation=cv2.INTER_NEAREST)
    out = pixels.copy()
    out[here] = np.asarray(ground, np.uint8)[here]
    return out
