"""Lines as a pen writes them: letters of a hand-drawn face, set one by one and never twice alike.

Each letter gets its own height, place and turn; the line drifts and leans; what was drawn is bent by a smooth random
field and, mostly, thinned to its middle and drawn again with a pen of one width, which is what a ball-pen or a
tablet leaves.  Lengths are shares of the size that letters are first drawn at.
"""

from __future__ import annotations

import functools
import random
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from diagrasp.engines.embedded.skeleton import thin

WORK: Final = 48.0
"""Size, in pixels, that letters are drawn at before they are brought to the size asked for."""

Ink = NDArray[Any]


@functools.lru_cache(maxsize=900)
def _face(path: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)


def write(text: str, path: str, size: float, rng: random.Random, noise: np.random.Generator) -> Ink | None:
    """Share of ink (0..1) of `text` written in the face at `path`, cropped to the ink; None without ink.

    Args:
        size: font size of the result, in pixels.
        rng: chooses the manner of writing.
        noise: makes the bending fields.
    """
    ink = _set(text, path, rng)
    if ink is None:
        return None
    ink = _bend(_lean(ink, rng), rng, noise)
    if rng.random() < 0.7:
        ink = _pen(ink, rng.uniform(0.03, 0.12) * WORK)
    scale = size / WORK
    height, width = ink.shape
    to = max(2, round(width * scale * rng.uniform(0.8, 1.2))), max(2, round(height * scale))
    ink = cv2.resize(ink, to, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    peak = float(ink.max())
    if peak < 0.1:
        return None
    # A pen's stroke is as dark when it is thinner than a pixel's width in a picture: cameras sharpen.
    ink = np.clip(ink / peak * rng.uniform(0.9, 1.3), 0.0, 1.0)
    return _cropped(ink)


def _cropped(ink: Ink) -> Ink | None:
    rows, columns = np.flatnonzero(ink.max(axis=1) > 0.15), np.flatnonzero(ink.max(axis=0) > 0.15)
    if rows.size == 0:
        return None
    return np.ascontiguousarray(ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])


def _set(text: str, path: str, rng: random.Random) -> Ink | None:
    """The letters one by one, each a little off its place and size."""
    loose = rng.uniform(0.2, 1.0)
    gap = rng.gauss(0.0, 0.02) * WORK
    word = rng.uniform(0.75, 1.6)
    pad = int(WORK)
    base = _face(path, int(WORK))
    room = int(base.getlength(text) * 1.7 + 4 * WORK)
    if room > 9000:
        return None
    canvas = Image.new("L", (room, int(2.6 * WORK)), 0)
    draw = ImageDraw.Draw(canvas)
    x = float(pad)
    for letter in text:
        size = round(WORK * (1.0 + max(-0.2, min(0.2, rng.gauss(0.0, 0.06 * loose)))))
        face = _face(path, size)
        y = 1.7 * WORK + rng.gauss(0.0, 0.03 * loose) * WORK
        draw.text((x, y), letter, fill=255, font=face, anchor="ls")
        step = face.getlength(letter)
        x += step * word if letter == " " else step + gap + rng.gauss(0.0, 0.02 * loose) * WORK
        if x > room - WORK:
            return None
    ink = np.asarray(canvas, np.float32) / 255.0
    return ink[:, : int(x) + pad] if ink.max() > 0.1 else None


def _lean(ink: Ink, rng: random.Random) -> Ink:
    """Slant the letters, and turn the whole line a little."""
    height, width = ink.shape
    shear = rng.gauss(0.08, 0.14)
    matrix = np.array([[1.0, -shear, shear * height / 2], [0.0, 1.0, 0.0]])
    leaned: Ink = cv2.warpAffine(ink, matrix, (width, height), flags=cv2.INTER_LINEAR)
    return leaned


def _bend(ink: Ink, rng: random.Random, noise: np.random.Generator) -> Ink:
    """Shift every pixel by a smooth random field: wobbles of a letter's size, and a slow drift of the line."""
    height, width = ink.shape

    def field(step: float, reach: float) -> Ink:
        rows, columns = max(2, round(height / step)) + 1, max(2, round(width / step)) + 1
        coarse = noise.normal(0.0, reach, (rows, columns)).astype(np.float32)
        return cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)

    letter = rng.uniform(0.35, 0.8) * WORK
    reach = rng.uniform(0.01, 0.065) * WORK
    dx, dy = field(letter, reach), field(letter, reach)
    steps = max(2, round(width / (rng.uniform(4.0, 9.0) * WORK))) + 1
    drift = noise.normal(0.0, rng.uniform(0.0, 0.09) * WORK, (1, steps)).astype(np.float32)
    dy = dy + cv2.resize(drift, (width, 1), interpolation=cv2.INTER_CUBIC)
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    bent: Ink = cv2.remap(ink, x + dx, y + dy, cv2.INTER_LINEAR)
    return bent


def _pen(ink: Ink, width: float) -> Ink:
    """The middle of every stroke, drawn again with a round pen of `width` pixels."""
    middle = thin(ink > 0.5)
    away = cv2.distanceTransform((~middle).astype(np.uint8), cv2.DIST_L2, 5)
    drawn: Ink = np.clip(0.5 * width + 0.5 - away, 0.0, 1.0).astype(np.float32)
    return drawn
