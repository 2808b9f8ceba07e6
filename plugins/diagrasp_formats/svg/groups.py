"""Pools, lanes, frames and other containers."""

from __future__ import annotations

import re

from diagrasp.layout.text import fit, text_width
from diagrasp.model import Box, Diagram, Group
from diagrasp_formats.svg.canvas import Canvas, num
from diagrasp_formats.svg.symbols import Look


def strips(diagram: Diagram, boxes: dict[str, Box], font: float) -> dict[str, tuple[Box, bool]]:
    """The title strips of pools and lanes: the strip's box, and whether its text is turned upwards.

    A lane whose box starts where its pool's does has its strip behind the pool's.
    """
    groups = {g.id: g for g in diagram.groups}
    siblings: dict[str | None, list[Group]] = {}
    for group in diagram.groups:
        if group.kind in ("pool", "lane"):
            siblings.setdefault(group.parent, []).append(group)
    found: dict[str, tuple[Box, bool]] = {}

    def strip(group: Group) -> tuple[Box, bool]:
        if group.id in found:
            return found[group.id]
        box = boxes[group.id]
        same = [boxes[g.id] for g in siblings.get(group.parent, []) if g.kind == group.kind]
        inner = [boxes[g.id] for g in siblings.get(group.id, [])]
        sideways = _sideways(box, inner or same)
        size = min(font * 2.1, (box.w if sideways else box.h) * 0.4)
        before = 0.0
        parent = groups.get(group.parent) if group.parent is not None else None
        if parent is not None and parent.kind in ("pool", "lane"):
            outer, way = strip(parent)
            if way == sideways:
                before = max(0.0, outer.right - box.x if sideways else outer.bottom - box.y)
        inner_start = min((b.x - box.x if sideways else b.y - box.y for b in inner), default=0.0)
        if font * 1.2 < inner_start < font * 4:
            size = inner_start - before
        made = Box(box.x + before, box.y, size, box.h) if sideways else Box(box.x, box.y + before, box.w, size)
        found[group.id] = made, sideways
        return found[group.id]

    bands = [g for g in diagram.groups if g.kind in ("pool", "lane")]
    for group in sorted(bands, key=lambda g: _depth(g, groups)):  # outer ones first, so that none recurses far
        strip(group)
    return found


def _depth(group: Group, groups: dict[str, Group]) -> int:
    count = 0
    while group.parent is not None:
        group, count = groups[group.parent], count + 1
    return count


def _sideways(box: Box, peers: list[Box]) -> bool:
    """Whether the flow runs level: most lanes lie over one another, or the one there is, is wide."""
    over = beside = 0
    for k, a in enumerate(peers[:40]):
        for b in peers[k + 1 : 40]:
            across = (min(a.right, b.right) - max(a.x, b.x)) / max(1.0, min(a.w, b.w))
            down = (min(a.bottom, b.bottom) - max(a.y, b.y)) / max(1.0, min(a.h, b.h))
            over, beside = over + (across > down), beside + (across < down)
    return over > beside if over != beside else box.w >= box.h


def draw_group(canvas: Canvas, group: Group, box: Box, look: Look, strip: tuple[Box, bool] | None) -> None:
    """Draw a container and its title."""
    theme, u, s = look.theme, look.unit, look.stroke
    canvas.open(f"group {group.kind}", group.id, group.label)
    x, y, w, h = box
    if strip is not None:
        _band(canvas, group, box, look, strip)
    elif group.kind in ("frame", "section"):
        _frame(canvas, group, box, look)
    else:
        dash = f' stroke-dasharray="{num(6 * u)} {num(4 * u)}"' if group.kind == "section" else ""
        paint = theme.paint("task") if group.kind in ("subprocess", "composite") else None
        canvas.rect(
            x, y, w, h, r=(10 if paint else 4) * u, fill=theme.panel, stroke=paint.stroke if paint else theme.border,
            width=s, extra=dash + ' fill-opacity="0.7"',
        )  # fmt: skip
        if group.label:
            title = fit(
                group.label,
                max(20.0, w - 16 * u),
                look.font * 2.6,
                look.font * 0.95,
                smallest=look.font * 0.6,
                bold=True,
            )
            middle = group.kind in ("subgraph", "composite")
            tx, anchor = (x + w / 2, "middle") if middle else (x + 10 * u, "start")
            canvas.text(title.lines, tx, y + 5 * u + title.height / 2, title.size, theme.ink, anchor=anchor, bold=True)
    canvas.close()


def _band(canvas: Canvas, group: Group, box: Box, look: Look, strip: tuple[Box, bool]) -> None:
    theme, s = look.theme, look.stroke
    band, sideways = strip
    pool = group.kind == "pool"
    canvas.rect(*box, fill="none" if not pool else theme.background, stroke=theme.border, width=s)
    canvas.rect(*band, fill=theme.band if pool else theme.panel, stroke=theme.border, width=s)
    if not group.label:
        return
    length, thick = (band.h, band.w) if sideways else (band.w, band.h)
    pad = look.font * 0.5
    title = fit(
        group.label, max(length - 2 * pad, 20.0), max(thick - 2, 8.0), look.font, smallest=look.font * 0.55, bold=pool
    )
    canvas.text(title.lines, *band.center, title.size, theme.ink, bold=pool, turn=sideways)


def _frame(canvas: Canvas, group: Group, box: Box, look: Look) -> None:
    theme, u, s, font = look.theme, look.unit, look.stroke, look.font * 0.93
    x, y, w, h = box
    match = re.match(
        r"\s*(alt|else|opt|loop|par|and|break|critical|option|group|ref|rect|seq|strict|neg|assert)\b\s*(.*)",
        group.label,
        re.DOTALL,
    )
    word, rest = (match[1], match[2].strip()) if match else ("", group.label.strip())
    if group.kind == "section":
        dash = f' stroke-dasharray="{num(6 * u)} {num(4 * u)}"'
        canvas.path(f"M{num(x)} {num(y)}h{num(w)}", stroke=theme.border, width=s, extra=dash)
        text = f"[{rest.strip('[]')}]" if rest else ("" if word in ("", "else") else word)
        text = f"[{word}]" if not rest and word == "else" else text
        title = fit(text, max(30.0, w - 20 * u), font * 1.5, font, smallest=font * 0.7)
        canvas.text(
            title.lines,
            x + 60 * u,
            y + 4 * u + title.height / 2,
            title.size,
            theme.soft,
            anchor="start",
            italic=True,
            halo=theme.background,
        )
        return
    canvas.rect(x, y, w, h, r=2 * u, stroke=theme.border, width=s)
    tab = word or rest
    shown = fit(tab, max(40.0, w * 0.6), font * 1.4, font, smallest=font * 0.6, bold=True)
    tw, th = text_width(shown.lines[0] if shown.lines else "", shown.size, bold=True) + 18 * u, font * 1.5
    d = f"M{num(x)} {num(y)}h{num(tw)}v{num(th * 0.6)}l{num(-th * 0.4)} {num(th * 0.4)}H{num(x)}Z"
    canvas.path(d, fill=theme.band, stroke=theme.border, width=s)
    canvas.text(shown.lines, x + 7 * u, y + th / 2, shown.size, theme.ink, anchor="start", bold=True)
    if word and rest:
        text = fit(f"[{rest.strip('[]')}]", max(30.0, w - tw - 20 * u), font * 1.5, font, smallest=font * 0.7)
        canvas.text(
            text.lines,
            x + tw + 8 * u,
            y + th / 2,
            text.size,
            theme.soft,
            anchor="start",
            italic=True,
            halo=theme.background,
        )
