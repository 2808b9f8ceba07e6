"""A drawing understood as far as geometry goes: nodes, frames, connectors and blocks of text."""

from __future__ import annotations

from functools import partial

import cv2
import numpy as np

from diagrasp.engines.embedded.aside import aside
from diagrasp.engines.embedded.bpmn.brackets import with_annotations
from diagrasp.engines.embedded.bpmn.hosts import with_hosts
from diagrasp.engines.embedded.bpmn.pools import sole_lanes, without_heads
from diagrasp.engines.embedded.bpmn.rings import as_symbol, find_rings, of_letters, on_lines, with_rings
from diagrasp.engines.embedded.bpmn.starts import without_starts
from diagrasp.engines.embedded.bpmn.titles import with_turned_titles
from diagrasp.engines.embedded.drawing import Scene, share_text
from diagrasp.engines.embedded.frames.badges import without_badges
from diagrasp.engines.embedded.frames.enclosing import along_side, frames_of, without_border_bars
from diagrasp.engines.embedded.frames.pale import alike, pale_boxes
from diagrasp.engines.embedded.frames.sorting import (
    bitten,
    containers,
    is_letter,
    sort_out,
    unbitten,
    without_dots,
    without_pockets,
)
from diagrasp.engines.embedded.frames.tabs import corner_tabs
from diagrasp.engines.embedded.joining import beside_paths, connect
from diagrasp.engines.embedded.labels.dashes import not_on_dashed, without_dashes, without_targets
from diagrasp.engines.embedded.labels.dim import with_dim_names
from diagrasp.engines.embedded.labels.headings import with_whole_headings
from diagrasp.engines.embedded.labels.inner import complete
from diagrasp.engines.embedded.labels.lost import lost_words
from diagrasp.engines.embedded.labels.sundered import sundered
from diagrasp.engines.embedded.memory import give_back
from diagrasp.engines.embedded.picture.faint import strengthened
from diagrasp.engines.embedded.picture.raster import Image, Mask, Sheet, prepare_twice
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.picture.spreadsheet import is_spreadsheet
from diagrasp.engines.embedded.reading import LineReader
from diagrasp.engines.embedded.sequence import Sequence, any_sequence
from diagrasp.engines.embedded.symbols.blobs import find_blobs
from diagrasp.engines.embedded.symbols.callouts import with_callouts
from diagrasp.engines.embedded.symbols.dotted import dashed_outlines
from diagrasp.engines.embedded.symbols.find import Symbol, add_bands, find_symbols
from diagrasp.engines.embedded.symbols.icons import with_icons
from diagrasp.engines.embedded.symbols.outlines import CLOSED, outlines
from diagrasp.engines.embedded.symbols.spots import with_spots
from diagrasp.engines.embedded.symbols.torn import mend
from diagrasp.engines.embedded.symbols.touched import with_touched
from diagrasp.engines.embedded.text.find import extend, find_text
from diagrasp.engines.embedded.text.rims import to_rims
from diagrasp.engines.embedded.text.rows import with_rows_apart
from diagrasp.engines.embedded.text.snug import parted
from diagrasp.engines.embedded.text.struck import with_struck_words
from diagrasp.engines.embedded.text.textlines import Text
from diagrasp.engines.embedded.uml.actors import with_actors
from diagrasp.engines.embedded.uml.adornments import with_signs, without_marks
from diagrasp.engines.embedded.uml.bullseyes import with_bullseyes
from diagrasp.engines.embedded.uml.entities import crow_rings
from diagrasp.engines.embedded.uml.packages import named_by_tabs, without_tabs
from diagrasp.engines.embedded.uml.shadows import shadowless, without_shadows
from diagrasp.engines.embedded.uml.tables import find_tables, outside, symbols_of, without_containers, without_signs

AT_ONCE = 6_000_000
"""Pixels of a drawing up to which memory allows to look for two things at once."""
CROWD = 1000
"""Outlines that no drawing has: one of 300 symbols, letters and all, has 370."""
FEW_PALE = 2
"""Pale boxes from which on a drawing is looked at in stronger colours: a lone tint may be a background."""
PIECES = 12_000
"""Pieces of ink that no drawing has: a page full of small print has 5000, a raster of dots far more."""
ROOMY = 8_000_000
"""Pixels of a drawing from which on what each step leaves behind is worth giving back."""


def understand(pixels: Image, reader: LineReader | None = None) -> Scene:
    """Take a picture apart into symbols, connectors and text: as a printed drawing, else as one made by hand.

    Args:
        pixels: (H, W, 3) uint8 RGB.
        reader: what reads the text later; in handwriting, it tells short words from signs.
    """
    from diagrasp.engines.embedded.hand.detect import better, convincing, hopeless, surely_by_hand, unsteady
    from diagrasp.engines.embedded.hand.paper import hatched, textured, without_hatching
    from diagrasp.engines.embedded.hand.scene import understand_hand
    from diagrasp.engines.embedded.hand.sheet import ink_on_paper

    inked = ink_on_paper(pixels)
    ruled = inked is not None and inked.rulings > 0
    wobbly = inked is not None and not ruled and unsteady(inked.ink)
    other = understand_hand(pixels, inked, reader) if ruled or wobbly else None
    if other is not None and surely_by_hand(other, wobbly=wobbly):  # for print, a paper's squares are outlines
        return other
    if inked is None and textured(pixels):  # every line of the pattern would be a connector
        return _printed(without_hatching(pixels))
    scene = _printed(pixels)
    if scene.sequence is not None:
        return scene
    pale = _pale(scene) if inked is None else []
    bold = _bold(pixels) if len(pale) >= FEW_PALE else None
    if bold is not None and _shown(pale, scene, bold):
        return bold
    if convincing(scene, photographed=inked is not None):
        return scene
    if hopeless(scene):  # squared paper, taken for print, is all ink
        if inked is not None and not (ruled or wobbly):
            other = understand_hand(pixels, inked, reader)
        return other if other is not None and better(other, scene) else scene
    bare = not scene.inside and bool(scene.text.lines)  # no symbol has words
    if hatched(pixels) or (scene.nodes and not scene.connectors):  # what joins them may be seen in clearer ink
        plain = _printed(without_hatching(pixels))
        if better(plain, scene):
            scene = plain
            if convincing(scene):
                return scene
    bold = bold or (_bold(pixels) if bare else None)
    if bold is not None:
        if bold.tables or convincing(bold):
            return bold
        if bold.nodes and not better(scene, bold):
            scene = bold  # a pen on a tablet is faint, too
    if not (ruled or wobbly):
        other = understand_hand(pixels, inked, reader)
    return other if other is not None and better(other, scene) else scene


def _bold(pixels: Image) -> Scene | None:
    """A drawing in hardly any contrast, taken apart in stronger colours."""
    strong = strengthened(pixels)
    return None if strong is None else _printed(strong)


def _pale(scene: Scene) -> list[Rect]:
    """Boxes with words in them that are seen as pale fills only, and are none of what was found."""
    if scene.sheet.hand or scene.strokes is None:
        return []
    return pale_boxes(scene.sheet, _boxes(scene), scene.text.lines)


def _shown(pale: list[Rect], scene: Scene, bold: Scene) -> bool:
    """Whether a drawing in stronger colours has boxes where half of the pale ones are, and is no less joined."""
    from diagrasp.engines.embedded.hand.detect import as_joined, convincing

    by = bold.sheet.scale / scene.sheet.scale
    found = _boxes(bold)
    left = sum(not any(alike(r.scaled(by), box) for box in found) for r in pale)
    return left <= 0.5 * len(pale) and (bool(bold.tables) or convincing(bold)) and as_joined(bold, scene)


def _boxes(scene: Scene) -> list[Rect]:
    """Bounds of all that has some: symbols, frames, boxes with compartments, and these."""
    parts = [row for t in scene.tables for row in (t.box, *t.rows)]
    return [n.box for n in scene.nodes] + [f.box for f in scene.frames] + parts


def _printed(pixels: Image) -> Scene:
    from diagrasp.engines.embedded.hand.detect import MOSTLY

    erased: list[bool] = []  # before enlarging: nothing is left to be found then

    def cleaned(small: Sheet) -> Image:
        rgb = shadowless(small)
        erased.append(rgb is not small.rgb)
        return rgb

    plain, larger = prepare_twice(pixels, cleaned)
    if cv2.connectedComponents(plain.ink.view(np.uint8), connectivity=8)[0] > PIECES or is_spreadsheet(plain):
        return _given_up(plain)
    looked = aside(partial(any_sequence, plain, pixels))  # messages need no room, and lifelines stay thin
    if plain.ink.size > AT_ONCE:
        if whole := _whole(looked.result()):
            return whole
        give_back()
    sheet = larger()
    if float(sheet.ink.mean()) > MOSTLY:  # nothing stands out of so much
        return _given_up(sheet)
    del plain, larger  # which may be all that holds a sheet with shadows
    sheet = sheet if any(erased) else without_shadows(sheet)
    tables = find_tables(sheet)
    if looked.done() and (whole := _whole(looked.result())):
        return whole
    sheet = without_signs(sheet, tables)
    seen = aside(lambda: find_rings(sheet))
    found = outlines(sheet)
    if len(found) > CROWD:
        return _given_up(sheet)
    found = with_callouts(with_touched(sheet, mend(sheet, found)), sheet.letter)
    tables = without_containers(tables, found, sheet.letter)
    found = outside(found, tables)
    found += dashed_outlines(sheet, found)
    candidates = find_symbols(sheet, found) + symbols_of(sheet, tables)
    if whole := _whole(looked.result()):
        return whole
    _tidy(sheet)
    shape = sheet.ink.shape
    bands = np.zeros(shape, bool)
    drawn = [ring for ring in seen.result() if not on_lines(sheet, ring) and not of_letters(sheet, ring)]
    rings = [as_symbol(sheet, ring) for ring in drawn]
    add_bands(bands, [c for c in candidates if not _cut_short(c, sheet.letter)] + rings)
    text = find_text(sheet, bands & sheet.ink, [c.outline.box for c in candidates if not c.container])
    text = parted(sheet, with_rows_apart(text, sheet.letter), bands & sheet.ink)
    text = without_targets(without_dashes(text, sheet.letter), sheet.letter)
    text = with_signs(sheet, to_rims(sheet, text), tables)
    nodes, boxes = without_heads(sheet, *sort_out(sheet, candidates, text), text.lines)
    nodes = with_bullseyes(sheet, with_rings(sheet, find_blobs(sheet, _words(text), nodes), rings))
    nodes, text = with_actors(sheet, text, _words(text), without_marks(sheet, nodes, tables, text))
    feet = crow_rings(sheet, nodes, text)
    nodes = [n for n in nodes if not any(n is f for f in feet)]
    nodes = unbitten(nodes, sheet.letter)
    nodes += bitten(sheet, found, nodes, text)
    nodes = [n for n in nodes if not is_letter(n, text, sheet.letter)]
    _tidy(sheet)
    nodes = with_annotations(sheet, text, nodes)
    nodes, text = with_icons(sheet, nodes, text)
    nodes = with_hosts(sheet, without_pockets(without_dots(nodes, text), text, sheet.letter), text)
    nodes = with_spots(sheet, text.ink, nodes)
    nodes, more = containers(without_border_bars(nodes, sheet.letter), sheet.letter)
    text = with_dim_names(sheet, nodes, complete(sheet, nodes, text))
    nodes, tabs = without_tabs(sheet, nodes, text)
    nodes, corners = corner_tabs(sheet, nodes)
    frames = frames_of(sheet, text, [n for n in nodes if n.shape != "bar"], boxes + more)
    frames = named_by_tabs(sheet, frames, tabs + corners, text)
    nodes, text = without_badges(sheet, nodes, text, frames)
    nodes = [n for n in nodes if n.shape != "bar" or not any(along_side(n.box, f.box, sheet.letter) for f in frames)]
    text = without_starts(text, nodes, sheet.letter)
    turned = [t for t in text.lines if t.vertical and not any(n.box.inside(t.box.cx, t.box.cy) for n in nodes)]
    frames += sole_lanes(frames, turned, nodes, sheet.letter)
    text = with_whole_headings(sheet, with_turned_titles(sheet, text, frames, nodes), frames, nodes)
    _tidy(sheet)
    nodes, connectors, strokes = connect(sheet, text, nodes, frames, related=bool(feet))
    rest = beside_paths(strokes, connectors, sheet.letter)
    text = Text(not_on_dashed(text.lines, connectors, sheet.letter), text.ink)
    text = extend(sundered(text, strokes, connectors, frames, sheet.letter), rest, sheet.letter)
    doubtful = lost_words(sheet, text, strokes, rest, connectors)
    text, doubtful = with_struck_words(text, doubtful, strokes, sheet.letter)
    scene = Scene(sheet, nodes, frames, text, connectors, strokes=strokes, tables=tables, doubtful=doubtful)
    share_text(scene)
    return scene


def _given_up(sheet: Sheet) -> Scene:
    """The scene, without strokes, that a pattern is: each of its parts would be compared with all the others."""
    return Scene(sheet, [], [], Text([], np.zeros_like(sheet.ink)), [])


def _tidy(sheet: Sheet) -> None:
    """Give back what the last steps on a large drawing have left behind, before the next ones take more."""
    if sheet.ink.size >= ROOMY:
        give_back()


def _whole(sequence: Sequence | None) -> Scene | None:
    """The scene that a sequence diagram is."""
    return None if sequence is None else Scene(sequence.sheet, [], [], sequence.text, [], sequence=sequence)


def _cut_short(symbol: Symbol, letter: float) -> bool:
    """Whether an outline is part of a title's strip that a connector cuts, or what a loop encloses.

    Letters are such a strip's end, not a line, and those on a loop's line are the loop's label.
    """
    b, fit = symbol.outline.box, symbol.outline.fit
    if symbol.enclosed >= 0.15 and not symbol.container and min(b.w, b.h) > 8 * letter:
        return True
    return fit.shape == "process" and fit.score < CLOSED and b.h <= 3 * letter and b.w > 2.5 * b.h


def _words(text: Text) -> Mask:
    """Ink of text of more than one letter: a single letter may be a gateway's sign."""
    out = text.ink.copy()
    for line in text.lines:
        if len(line.letters) == 1:
            b = line.box
            out[b.y0 : b.y1, b.x0 : b.x1] = False
    return out
