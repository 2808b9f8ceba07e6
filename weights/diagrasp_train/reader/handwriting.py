"""Lines as a pen writes them: letters of a hand-drawn face, set one by one and never twice alike.

Each letter gets its own height, place and turn; the line drifts and leans; what was drawn is bent by a smooth random
field and, mostly, thinned to its middle and drawn again with a pen of one width, which is what a ball-pen or a
tablet leaves.  A hand of its own comes from several faces: each letter of the line is taken from one of them, with its
own width, lean and size.  Lengths are shares of the size that letters are first drawn at.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Sequence
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from diagrasp.engines.embedded.lines.skeleton import thin

WORK: Final = 48.0
"""Size, in pixels, that letters are drawn at before they are brought to the size asked for."""

Ink = NDArray[Any]


@functools.lru_cache(maxsize=900)
def _face(path: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)


@functools.lru_cache(maxsize=900)
def _x_height(path: str) -> float:
    """Height of an x as a share of the font size."""
    box = _face(path, int(WORK)).getbbox("x", anchor="ls")
    return max(0.2, min(0.8, -box[1] / WORK))


def write(
    text: str,
    paths: Sequence[str],
    size: float,
    rng: random.Random,
    noise: np.random.Generator,
    *,
    pen: float | None = None,
) -> Ink | None:
    """Share of ink (0..1) of `text` written in letters of the faces at `paths`, cropped to the ink; None without ink.

    Args:
        size: font size of the result, in pixels.
        rng: chooses the manner of writing.
        noise: makes the bending fields.
        pen: width of the pen as a share of the font size; chosen by chance where it is not given.
    """
    ink = _set(text, paths, rng)
    if ink is None:
        return None
    ink = _bend(_zones(_lean(ink, rng), rng), rng, noise)
    if pen is not None or rng.random() < 0.7:
        ink = _pen(ink, (pen or rng.uniform(0.025, 0.12)) * WORK)
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


def _set(text: str, paths: Sequence[str], rng: random.Random) -> Ink | None:
    """The letters one by one, each a little off its place and size; base line at 1.7 * WORK."""
    loose = rng.uniform(0.2, 1.0)
    own = rng.random() * loose if len(paths) > 1 else 0.0  # how far a letter's form is the writer's own
    gap = rng.gauss(0.0, 0.025) * WORK
    if own and rng.random() < 0.2:  # letters set apart
        gap += rng.uniform(0.0, 0.3) * WORK
    word = rng.uniform(0.5, 1.7) + gap / WORK
    pad, high = int(WORK), int(2.6 * WORK)
    base = _x_height(paths[0])
    room = int(_face(paths[0], int(WORK)).getlength(text) * 1.9 + 4 * WORK)
    if room > 9000:
        return None
    canvas = np.zeros((high, room), np.float32)
    forms: dict[str, tuple[str, float, float, float]] = {}  # face, size, width, lean
    x = float(pad)
    for letter in text:
        if letter not in forms:
            path = rng.choice(paths)
            forms[letter] = (
                path, base / _x_height(path) * (1 + _near(rng, 0.08 * own)),
                1 + _near(rng, 0.16 * own), _near(rng, 0.14 * own),
            )  # fmt: skip
        path, factor, width, lean = forms[letter]
        face = _face(path, max(8, round(WORK * factor * (1.0 + _near(rng, 0.06 * loose)))))
        y = 1.7 * WORK + rng.gauss(0.0, 0.03 * loose) * WORK
        step = face.getlength(letter) * width
        if x + 2 * WORK > room:
            return None
        if letter != " ":
            _stamp(canvas, letter, face, (x, y), width, lean + _near(rng, 0.04 * loose))
        x += step * word if letter == " " else step + gap + rng.gauss(0.0, 0.02 * loose) * WORK
        if x > room - WORK:
            return None
    return canvas[:, : int(x) + pad] if canvas.max() > 0.1 else None


def _near(rng: random.Random, deviation: float) -> float:
    """A normal deviate, no further out than twice its deviation and a bit."""
    return max(-2.2 * deviation, min(2.2 * deviation, rng.gauss(0.0, deviation)))


def _stamp(
    canvas: Ink, letter: str, face: ImageFont.FreeTypeFont, at: tuple[float, float], width: float, lean: float
) -> None:
    """Put a letter on the canvas, `at` on its base line, wider by `width`, its top to the right by `lean`."""
    left, top, right, bottom = (int(v) for v in face.getbbox(letter, anchor="ls"))
    w, h = right - left + 4, bottom - top + 4
    if w <= 4 or h <= 4 or w > 400 or h > 400:
        return
    tile = Image.new("L", (w, h), 0)
    ImageDraw.Draw(tile).text((2 - left, 2 - top), letter, fill=255, font=face, anchor="ls")
    ink: Ink = np.asarray(tile, np.float32) / 255.0
    x0, y0 = round(at[0]) + left - 2, round(at[1]) + top - 2
    if width != 1.0 or lean:
        foot = 2.0 - top
        reach = int(abs(lean) * h) + 2
        matrix = np.array([[width, -lean, lean * foot + reach], [0.0, 1.0, 0.0]])
        ink = cv2.warpAffine(ink, matrix, (int(w * width) + 2 * reach, h), flags=cv2.INTER_LINEAR)
        x0 -= reach
    h, w = ink.shape
    a, b = max(0, y0), max(0, x0)
    c, d = min(canvas.shape[0], y0 + h), min(canvas.shape[1], x0 + w)
    if a < c and b < d:
        view = canvas[a:c, b:d]
        np.maximum(view, ink[a - y0 : c - y0, b - x0 : d - x0], out=view)


def _zones(ink: Ink, rng: random.Random) -> Ink:
    """Small letters drawn lower or higher, against capitals and tails: the middle zone of the line is stretched."""
    if rng.random() < 0.4:
        return ink
    height, width = ink.shape
    core = rng.uniform(0.6, 1.25)
    top, foot = 1.7 * WORK - 0.48 * WORK, 1.7 * WORK
    edges = np.array([0.0, top, foot, height])  # of the source
    there = np.array([0.0, top, top + core * (foot - top), 0.0])
    there[3] = there[2] + (height - foot) * rng.uniform(0.7, 1.3)
    rows = np.interp(np.arange(int(there[3])), there, edges).astype(np.float32)
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), rows)
    moved: Ink = cv2.remap(ink, x, y, cv2.INTER_LINEAR)
    return moved


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
    reach = rng.uniform(0.01, 0.075) * WORK
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
