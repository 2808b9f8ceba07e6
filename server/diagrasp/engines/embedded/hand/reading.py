"""Reading a page of handwriting: which script it is in, and the reader that knows it best."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.drawing import Scene
from diagrasp.engines.embedded.hand.crops import line_crop
from diagrasp.engines.embedded.picture.raster import Image
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.reading import HandwritingReader, LineReader, Reading
from diagrasp.engines.embedded.text.textlines import TextLine

MARGIN = 0.1
"""Paper around a line as photographed, in heights of its letters."""
SAME = 0.6
"""Share of a line's ink in what was seen from which on it is that line."""
SAMPLES = 8, 24
"""Lines that tell a page's script: a few, and more where these leave it open."""
CYRILLIC, OPEN = 0.65, 0.25
"""Share of Cyrillic letters in what our net reads from which on a page is Russian, there it is 1, else up to 0.5; how
close to it the script is open."""


def page_crops(scene: Scene, chosen: Sequence[TextLine]) -> list[NDArray[np.uint8]]:
    """(h, w) grey crops of some of the page's lines, upright, with nothing but each line's own ink."""
    lines, clean = scene.text.lines, scene.clean
    return [] if clean is None else [_upright(line_crop(clean, line, lines), line) for line in chosen]


def read_latin_page(scene: Scene, pixels: Image, reader: LineReader) -> list[Reading] | None:
    """Every line of a page that is not in Cyrillic, read by the reader of Latin handwriting; None where that is no use.

    Args:
        pixels: (H, W, 3) RGB, the picture as it came.
        reader: tells the script; it knows both.
    """
    latin = reader.for_latin_handwriting() if isinstance(reader, HandwritingReader) else None
    if latin is None:
        return None
    if _in_cyrillic(scene, reader):
        return None
    bounds = _bounds(scene)
    pixels = pixels if scene.plain is None else scene.plain
    return latin.read(
        [
            _upright(_photographed(scene, pixels, line, b), line)
            for line, b in zip(scene.text.lines, bounds, strict=True)
        ]
    )


def _in_cyrillic(scene: Scene, reader: LineReader) -> bool:
    """Whether the longest lines of a page are Russian."""
    lines = sorted(scene.text.lines, key=lambda line: -line.box.w * line.box.h)
    texts: list[str] = []
    share = 0.0
    for many in SAMPLES:
        texts += [r.text for r in reader.read(page_crops(scene, lines[len(texts) : many]))]
        share = _cyrillic(texts)
        if abs(share - CYRILLIC) > OPEN:
            break
    return share >= CYRILLIC


def _cyrillic(texts: Sequence[str]) -> float:
    text = "".join(texts)
    return len(re.findall(r"[Ѐ-ӿ]", text)) / max(1, len(re.findall(r"[A-Za-zЀ-ӿ]", text)))


def _upright(crop: NDArray[np.uint8], line: TextLine) -> NDArray[np.uint8]:
    return np.ascontiguousarray(np.rot90(crop, -1) if line.vertical else crop)


def _photographed(scene: Scene, pixels: Image, line: TextLine, b: Rect | None) -> NDArray[np.uint8]:
    """(h, w, 3) a line as the picture has it, with little around.

    Args:
        b: its bounds as it was seen.
    """
    height, width = pixels.shape[:2]
    scale = scene.sheet.scale
    margin = 0.0 if b is not None else MARGIN * line.size
    b = line.box if b is None else b
    x0, y0 = (max(0, round((v - margin - scene.margin) / scale)) for v in (b.x0, b.y0))
    x1 = min(width, round((b.x1 + margin - scene.margin) / scale))
    y1 = min(height, round((b.y1 + margin - scene.margin) / scale))
    return np.asarray(pixels[y0 : max(y0, y1), x0 : max(x0, x1)], np.uint8)


def _bounds(scene: Scene) -> list[Rect | None]:
    """The bounds of each line as it was seen in the picture; None where its ink alone was.

    What was seen as one line is read once, for the line that has most of it.
    """
    seen = [_seen(scene, line) for line in scene.text.lines]
    most: dict[Rect, int] = {}
    for k, (found, line) in enumerate(zip(seen, scene.text.lines, strict=True)):
        if found is not None:
            other = most.get(found[0])
            if other is None or found[0].overlap(line.box) > found[0].overlap(scene.text.lines[other].box):
                most[found[0]] = k
    return [found[1] if found is not None and most[found[0]] == k else None for k, found in enumerate(seen)]


def _seen(scene: Scene, line: TextLine) -> tuple[Rect, Rect] | None:
    """What was seen in the picture where a line is, and its part that is the line's: no symbols beside it.

    The ink of a line may lack parts of it.
    """
    b = line.box
    best = max(scene.written, key=b.overlap, default=None)
    if best is None or b.overlap(best) < SAME * b.w * b.h:
        return None
    x0, y0, x1, y1 = b.union(best)
    for node in scene.nodes:
        n = node.outline.box
        if not n.overlap(Rect(x0, y0, x1, y1)):
            continue
        if n.inside(int(b.cx), int(b.cy)):  # what stands beside it is no part of its text: heads of arrows
            x0, x1 = min(b.x0, max(x0, n.x0)), max(b.x1, min(x1, n.x1))
        elif n.cx < b.x0:
            x0 = min(b.x0, max(x0, n.x1))
        elif n.cx > b.x1:
            x1 = max(b.x1, min(x1, n.x0))
        elif n.cy < b.y0:
            y0 = min(b.y0, max(y0, n.y1))
        elif n.cy > b.y1:
            y1 = max(b.y1, min(y1, n.y0))
    return best, Rect(x0, y0, x1, y1)
