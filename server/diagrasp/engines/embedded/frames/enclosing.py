"""Frames around nodes: from long strokes, closed outlines and fills, each with the strip that names it."""

from __future__ import annotations

import numpy as np

from diagrasp.engines.embedded.bpmn.pools import STRIP, is_pocket, is_upright, largest
from diagrasp.engines.embedded.drawing import Frame
from diagrasp.engines.embedded.frames.badges import badge_of, find_badges, with_corners
from diagrasp.engines.embedded.frames.fills import find_fills, find_tints
from diagrasp.engines.embedded.frames.find import find_frames
from diagrasp.engines.embedded.frames.lanes import find_lanes
from diagrasp.engines.embedded.frames.tabs import tab_in
from diagrasp.engines.embedded.picture.components import components, looked_up
from diagrasp.engines.embedded.picture.raster import Mask, Sheet
from diagrasp.engines.embedded.picture.rect import Rect, bounding_box
from diagrasp.engines.embedded.symbols.cubes import without_hulls
from diagrasp.engines.embedded.symbols.find import Symbol, cover
from diagrasp.engines.embedded.text.textlines import Text, TextLine


def frames_of(sheet: Sheet, text: Text, nodes: list[Symbol], boxes: list[Symbol]) -> list[Frame]:
    """Containers, from closed regions and from long strokes, with the strips that name them."""
    letter = sheet.letter
    covered = cover(sheet.ink.shape, nodes) > 0
    ink = sheet.ink & ~_letters(text, letter) & ~covered
    lanes = [
        Frame(lane.box, False, lane.title, lane=True)
        for lane in find_lanes(ink, text.lines, [n.box for n in nodes], letter)
    ]
    near = round(0.3 * letter)
    for b in (lane.box for lane in lanes):
        for x in (b.x0, b.x1):
            ink[b.y0 : b.y1, max(0, x - near) : x + near] = False
    written = np.zeros(ink.shape, bool)  # a side goes on below words that stand on it
    for line in text.lines:
        b = line.box
        written[b.y0 : b.y1, b.x0 : b.x1] = True
    ink = ink if sheet.hand else with_corners(ink, find_badges(sheet), letter)
    found = [(r, False) for r in find_frames(ink, covered | written, letter, written)]
    found += [(s.box, s.shape == "rounded") for s in boxes if s.shape in ("process", "rounded")]
    fills = find_fills(sheet) + ([] if sheet.hand else find_tints(sheet))
    found += [(r, False) for r in fills]
    rects: list[tuple[Rect, bool]] = []
    for rect, rounded in sorted(found, key=lambda item: -item[0].w * item[0].h):
        like = [k for k, (r, _) in enumerate(rects) if _same(r, rect, 0.9 * letter)]
        if like:
            rects[like[0]] = rects[like[0]][0], rects[like[0]][1] or rounded
        else:
            rects.append((rect, rounded))
    rects = without_hulls(rects, letter)
    bodies: list[tuple[Rect, bool]] = []
    strips: list[Rect] = []
    for rect, rounded in rects:
        held = sum(
            1 for n in nodes if rect.inside(n.box.cx, n.box.cy) and rect.overlap(n.box) > 0.8 * n.box.w * n.box.h
        )
        words = [t for t in text.lines if rect.inside(t.box.cx, t.box.cy)]
        flat = rect.h <= STRIP * largest(rect, words, letter) and rect.w > 2.5 * rect.h
        tall = rect.w <= 6.5 * letter and rect.h > 2 * rect.w
        upright = (tall and any(t.vertical for t in words)) or is_upright(rect, words, letter)
        if not held and words and (flat or upright):
            strips.append(rect)
        elif (
            not held
            and (flat or tall)
            and min(rect.w, rect.h) >= 1.3 * letter
            and any(_tops(rect, b, letter) for b, _ in bodies)
            and not any(_beside(b, rect, letter) for b, _ in bodies)
        ):
            strips.append(rect)  # its words run together with what crosses them
        elif held or (max(rect.w, rect.h) > 25 * letter and min(rect.w, rect.h) > 5 * letter and not words):
            if any(_same(rect, n.box, 1.2 * letter) for n in nodes):
                continue
            bodies.append((rect, rounded))
    frames = _under_headings(_with_titles(bodies, _apart(strips, text.lines, letter), letter), text, ink, letter)
    cut_apart(frames, letter)
    frames = [f for f in frames if f.title is not None or any(f.box.inside(n.box.cx, n.box.cy) for n in nodes)]
    for frame in frames:
        frame.badge = badge_of(sheet, frame.box) if frame.title is None and not sheet.hand else None
        if frame.title is None and frame.badge is None:
            frame.title = tab_in(ink, frame.box, text, letter)
            frame.tab = frame.title is not None
    for frame in frames:
        if frame.title is None and not frame.rounded:
            frame.rounded = _round_corners(sheet.ink, frame.box, letter)
    filled = [f for f in frames if any(_same(f.box, r, 0.9 * letter) for r in fills)]
    frames += [Frame(b, title=b) for b in _bands(text, [s for s in boxes if not s.container], frames, letter)]
    frames = [f for f in frames if not any(_same(f.box, lane.box, 1.2 * letter) for lane in lanes)]
    frames = [f for f in frames if f.title is not None or not (_bodies_of_lanes(f, frames) or _mere_stack(f, frames))]
    return lanes + [f for f in frames if f in filled or f.title is not None or not is_pocket(f.box, nodes)]


def _bodies_of_lanes(frame: Frame, frames: list[Frame]) -> bool:
    """Whether a frame is what lanes side by side hold, their strips left out: it is none of its own."""
    b = frame.box
    area = float(b.w * b.h)
    mates = [
        f.box.overlap(b) / area for f in frames
        if f.title is not None and not f.tab and f.title.overlap(b) < 0.3 * f.title.w * f.title.h
        and f.box.overlap(b) > 0.6 * f.box.w * f.box.h and f.box.w * f.box.h < 0.9 * area
    ]  # fmt: skip
    return len(mates) > 1 and 0.9 <= sum(mates) <= 1.1


def _mere_stack(frame: Frame, frames: list[Frame]) -> bool:
    """Whether all of a frame that has no title belongs to pools stacked close, each with a strip at its left end.

    Lanes share their pool's strip or stand beside it; here nothing is drawn that would be a pool around them.
    """
    b = frame.box
    area = float(b.w * b.h)
    mates = [
        f for f in frames
        if f is not frame and f.title is not None and not f.tab and f.title.h > f.title.w
        and f.box.overlap(b) > 0.97 * f.box.w * f.box.h and f.box.w > 0.98 * b.w and f.box.h < 0.9 * b.h
        and abs(f.title.x0 - b.x0) < f.title.w / 2
    ]  # fmt: skip
    return len(mates) > 1 and 0.95 <= sum(f.box.overlap(b) for f in mates) / area <= 1.05


def cut_apart(frames: list[Frame], letter: float) -> None:
    """Give a lane that was closed together with the next one its own end; changes the frames in place.

    Lanes within lanes have strips of their own beside the outer one's, never in the same place.
    """
    for outer in frames:
        for inner in frames:
            a, b, s, t = outer.box, inner.box, outer.title, inner.title
            if inner is outer or s is None or t is None or s.h < s.w or t.h < t.w:
                continue
            beside = max(abs(a.x0 - b.x0), abs(a.x1 - b.x1), abs(s.x0 - t.x0), abs(s.x1 - t.x1)) <= 0.6 * letter
            if not beside or abs(a.y1 - b.y1) > 0.6 * letter or b.y0 - a.y0 < 3 * letter:
                continue
            outer.box, outer.title = Rect(a.x0, a.y0, a.x1, b.y0), Rect(s.x0, s.y0, s.x1, b.y0)


def _bands(text: Text, boxes: list[Symbol], frames: list[Frame], letter: float) -> list[Rect]:
    """Long flat boxes with a name that head nothing: partners of whom nothing else is shown."""
    out = []
    for s in boxes:
        b = s.box
        words = [t for t in text.lines if b.inside(t.box.cx, t.box.cy)]
        free = not any(f.box.grow(letter).overlap(b) for f in frames)
        central = words and all(abs(t.box.cx - b.cx) <= 0.12 * b.w + letter and not t.vertical for t in words)
        if s.shape == "process" and b.w > 8 * b.h and b.h >= 2 * letter and s.enclosed < 0.15 and free and central:
            out.append(b)
    return out


def _round_corners(ink: Mask, box: Rect, letter: float) -> bool:
    """Whether nothing is drawn where a frame's sides would meet: a subprocess has round corners, a pool sharp ones."""
    r = max(2, round(0.2 * letter))
    empty = 0
    for x in (box.x0, box.x1):
        for y in (box.y0, box.y1):
            if x - r < 0 or y - r < 0 or x + r >= ink.shape[1] or y + r >= ink.shape[0]:
                continue
            empty += not ink[y - r : y + r, x - r : x + r].any()
    return empty >= 3


def _letters(text: Text, letter: float) -> Mask:
    """The ink of text without its dashes and dots: beside a dashed side they are the side's."""
    _, labels, stats, _ = components(text.ink)
    side = stats[:, 2:4]
    dash = (side.min(axis=1) <= 0.42 * letter) & (side.max(axis=1) <= 0.9 * letter)
    dash[0] = True
    return ~looked_up(dash, labels)


def along_side(bar: Rect, frame: Rect, letter: float) -> bool:
    """Whether a bar lies along a frame's side: then it is the frame's own thick line."""
    near = 0.6 * letter
    if not frame.grow(near).overlap(bar) > 0.9 * bar.w * bar.h:
        return False
    if bar.w > bar.h:
        return min(abs(bar.cy - frame.y0), abs(bar.cy - frame.y1)) <= near
    return min(abs(bar.cx - frame.x0), abs(bar.cx - frame.x1)) <= near


def without_border_bars(nodes: list[Symbol], letter: float) -> list[Symbol]:
    """Drop bars that are the thick sides of a node, as a call activity's are: two of them or more lie along it."""
    bars = [n for n in nodes if n.shape == "bar"]
    sides: set[int] = set()
    for n in nodes if bars else []:
        if n.shape in ("process", "rounded"):
            along = [id(b) for b in bars if along_side(b.box, n.box, letter)]
            sides |= set(along) if len(along) > 1 else set()
    return [n for n in nodes if id(n) not in sides]


def _same(a: Rect, b: Rect, slack: float) -> bool:
    return max(abs(p - q) for p, q in zip(a, b, strict=True)) <= slack


def _apart(strips: list[Rect], lines: list[TextLine], letter: float) -> list[Rect]:
    """The strips, from the small ones to the large ones, each without those at its ends that it was closed with.

    Those have titles in their own middle: a connector cuts a strip anywhere.
    """
    near = 0.6 * letter

    def said(r: Rect) -> list[Rect]:
        return [t.box for t in lines if r.inside(t.box.cx, t.box.cy)]

    def titled(r: Rect) -> bool:
        words = said(r)
        hull = bounding_box(words) if words else r
        return bool(words) and abs(hull.cx - r.cx) <= 0.1 * r.w + near and abs(hull.cy - r.cy) <= 0.1 * r.h + near

    out: list[Rect] = []
    for strip in sorted(strips, key=lambda r: r.w * r.h):
        rest = strip
        known = [r for r in sorted(out, key=lambda r: r.x0 + r.y0) if titled(r)]
        for r in known * max(2, len(known)):  # then from the other end, where each round takes one off
            for k in (0, 1):  # side by side, one above the other
                level = abs(r[1 - k] - rest[1 - k]) <= near and abs(r[3 - k] - rest[3 - k]) <= near
                first, last = abs(r[k] - rest[k]) <= near, abs(r[k + 2] - rest[k + 2]) <= near
                if level and first != last:
                    ends = list(rest)
                    ends[k if first else k + 2] = r[k + 2 if first else k]
                    less = Rect(*ends)
                    rest = less if said(less) and min(less.w, less.h) >= 1.3 * letter else rest
        out.append(rest)
    return out


def _with_titles(bodies: list[tuple[Rect, bool]], strips: list[Rect], letter: float) -> list[Frame]:
    """Join each strip to the bodies beside or below it: one body makes a titled frame, several a frame around them."""
    slack = 1.0 * letter
    frames = [Frame(rect, rounded) for rect, rounded in bodies]
    out = list(frames)
    for strip in sorted(strips, key=lambda r: r.w * r.h):
        if sum(_holds(strip, s, slack) for s in strips) > 2:  # itself, and several others: side by side
            continue
        tall = strip.h > strip.w
        whole_ = [f for f in out if f.title is None and _heads(strip, f.box, slack)]
        if whole_:
            owner = min(whole_, key=lambda f: f.box.w * f.box.h)
            owner.title = strip
            b = owner.box
            body = Rect(strip.x1, b.y0, b.x1, b.y1) if tall else Rect(b.x0, strip.y1, b.x1, b.y1)
            out = [f for f in out if f.title is not None or not _same(f.box, body, 1.2 * slack)]
            continue
        mates = [f for f in out if _adjoins(f.box, strip, slack)]
        length, whole = (sum(f.box.h for f in mates), strip.h) if tall else (sum(f.box.w for f in mates), strip.w)
        if not mates:
            beyond = _closed_with_next(strip, strips, out, slack)
            if beyond is not None:
                b = beyond.box
                beyond.title = strip
                beyond.box = Rect(strip.x0, strip.y0, b.x1, strip.y1) if tall else Rect(*strip[:3], b.y1)
                continue
            inner = [
                f
                for f in out
                if f.title is None
                and _holds(f.box, strip, slack)
                and (abs(f.box.y0 - strip.y0) <= slack or abs(f.box.x0 - strip.x0) <= slack)
                and (strip.h > 0.6 * f.box.h if tall else strip.w > 0.6 * f.box.w)
            ]
            if inner:
                min(inner, key=lambda f: f.box.w * f.box.h).title = strip
            continue
        if len(mates) == 1 and mates[0].title is None and length > 0.85 * whole:
            mates[0].title = strip
            mates[0].box = mates[0].box.union(strip)
        elif length > 0.7 * whole:
            box = strip
            for f in mates:
                box = box.union(f.box)
            existing = [f for f in out if _same(f.box, box, 1.5 * slack) and f.title is None and f not in mates]
            if existing:
                existing[0].title = strip
            else:
                out.append(Frame(box, False, strip))
    return out


def _adjoins(body: Rect, strip: Rect, slack: float) -> bool:
    """Whether a body begins where a strip ends, right of an upright one or below a level one, and is no longer."""
    if strip.h > strip.w:
        return abs(body.x0 - strip.x1) <= slack and body.y0 >= strip.y0 - slack and body.y1 <= strip.y1 + slack
    return abs(body.y0 - strip.y1) <= slack and body.x0 >= strip.x0 - slack and body.x1 <= strip.x1 + slack


def _closed_with_next(strip: Rect, strips: list[Rect], frames: list[Frame], slack: float) -> Frame | None:
    """The body beside or below a strip that goes on where the next strip begins: a lane closed with the next one."""
    x0, y0, x1, y1 = strip
    tall = strip.h > strip.w
    if tall:
        follows = any(max(abs(s.x0 - x0), abs(s.x1 - x1), abs(s.y0 - y1)) <= slack for s in strips)
        found = [f for f in frames if max(abs(f.box.x0 - x1), abs(f.box.y0 - y0)) <= slack and f.box.y1 > y1 + slack]
    else:
        follows = any(max(abs(s.y0 - y0), abs(s.y1 - y1), abs(s.x0 - x1)) <= slack for s in strips)
        found = [f for f in frames if max(abs(f.box.y0 - y1), abs(f.box.x0 - x0)) <= slack and f.box.x1 > x1 + slack]
    found = [f for f in found if f.title is None]
    return min(found, key=lambda f: f.box.w * f.box.h) if follows and found else None


def _under_headings(frames: list[Frame], text: Text, ink: Mask, letter: float) -> list[Frame]:
    """Make one of a frame and of the body that fills it but for a title's strip, whose sides connectors may hide."""
    out: list[Frame] = []
    for frame in sorted(frames, key=lambda f: 0 if f.title is None else -f.title.w * f.title.h):
        if not any(f.title is not None and _same(f.box, frame.box, 0.5 * letter) for f in out):
            out.append(frame)
    for inner in list(out):
        for outer in list(out):
            if inner is outer or inner.title is not None:
                continue
            strip = _between(inner.box, outer.box, letter)
            if strip is None:
                continue
            words = any(strip.inside(t.box.cx, t.box.cy) for t in text.lines)
            if outer.title is None and (words or (strip.h > strip.w and _inked(ink, strip, letter))):
                outer.title = strip
            if outer.title is not None and _same(outer.title, strip, letter) and inner in out:
                out.remove(inner)
    return out


def _between(inner: Rect, outer: Rect, letter: float) -> Rect | None:
    """The strip above or to the left of a body that fills the rest of a frame."""
    gaps = [inner.x0 - outer.x0, inner.y0 - outer.y0, outer.x1 - inner.x1, outer.y1 - inner.y1]
    close = [abs(g) <= 0.8 * letter for g in gaps]
    if close == [True, False, True, True] and 1.3 * letter <= gaps[1] <= 4 * letter:
        return Rect(outer.x0, outer.y0, outer.x1, inner.y0)
    if close == [False, True, True, True] and 1.3 * letter <= gaps[0] <= 4.6 * letter:
        return Rect(outer.x0, outer.y0, inner.x0, outer.y1)
    return None


def _inked(ink: Mask, strip: Rect, letter: float) -> bool:
    """Whether something is drawn in a strip: a title that the general search did not see."""
    inset = round(0.4 * letter)
    view = ink[strip.y0 + inset : strip.y1 - inset, strip.x0 + inset : strip.x1 - inset]
    return bool(view.size and np.count_nonzero(view) > 0.5 * letter * letter)


def _tops(strip: Rect, body: Rect, slack: float) -> bool:
    """Whether a flat rectangle stands on a body or in its upper end, or a tall one to its left, as long as it is."""
    if strip.h > strip.w:
        beside = max(abs(strip.y0 - body.y0), abs(strip.y1 - body.y1), abs(strip.x1 - body.x0)) <= slack
    else:
        beside = max(abs(strip.x0 - body.x0), abs(strip.x1 - body.x1), abs(strip.y1 - body.y0)) <= slack
    return beside or _heads(strip, body, slack)


def _beside(body: Rect, strip: Rect, letter: float) -> bool:
    """Whether a tall strip begins where a body to its left ends: what is between two frames is no title."""
    level = min(body.y1, strip.y1) - max(body.y0, strip.y0) >= 0.5 * strip.h
    return strip.h > strip.w and level and -0.9 * letter <= body.x1 - strip.x0 < strip.w - 0.3 * letter


def _heads(strip: Rect, box: Rect, slack: float) -> bool:
    """Whether a strip takes up the whole of a rectangle's upper or left side."""
    if strip.h > strip.w:
        return _same(strip, Rect(box.x0, box.y0, strip.x1, box.y1), slack) and box.x1 > strip.x1 + 3 * slack
    return _same(strip, Rect(box.x0, box.y0, box.x1, strip.y1), slack) and box.y1 > strip.y1 + 3 * slack


def _holds(outer: Rect, inner: Rect, slack: float) -> bool:
    return (
        outer.x0 - slack <= inner.x0
        and outer.y0 - slack <= inner.y0
        and inner.x1 <= outer.x1 + slack
        and inner.y1 <= outer.y1 + slack
    )
