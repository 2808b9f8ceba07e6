"""Lines of text as pictures of diagrams show them: PIL draws, OpenCV spoils, `prepare_line` normalises.

Sizes, blur, JPEG, rescaling, colours, borders and crops follow what screenshots, exports and photographs do.
"""

from __future__ import annotations

import functools
import random
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from diagrasp.engines.embedded.reading.prepare import INK_HEIGHT, prepare_line
from diagrasp_train.reader.alphabet import ALPHABET
from diagrasp_train.reader.fonts import Font, find_fonts
from diagrasp_train.reader.handwriting import write
from diagrasp_train.reader.junk import draw_junk
from diagrasp_train.reader.texts import Texts

Gray = NDArray[np.uint8]
Ink = NDArray[Any]
"""float32 in truth: OpenCV's stubs promise less."""

# What Chrome, draw.io, PlantUML and Graphviz fall back to on most machines: these families get a larger share.
_COMMON = frozenset(
    ["dejavusans", "liberationsans", "arimo", "notosans", "opensans", "inter", "dejavuserif", "liberationserif"]
)


@dataclass(frozen=True, slots=True)
class Line:
    """A training example: `picture` is prepared, (HEIGHT, width) uint8."""

    picture: Gray
    text: str


@functools.lru_cache(maxsize=3000)
def _face(path: str, size: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)


def draw_ink(text: str, path: str, size: float, supersample: int = 1, shift: float = 0.0) -> Ink | None:
    """Share of ink (0..1) of `text` drawn at `size` pixels, cropped to the ink; None for glyphs without ink.

    `supersample` > 1 draws larger and averages: unhinted print at fractional positions, as browsers and PDF exports
    have it; 1 gives hinted glyphs on whole pixels.
    """
    font = _face(path, size * supersample)
    left, top, right, bottom = (int(v) for v in font.getbbox(text))
    width, height = right - left, bottom - top
    if width <= 0 or height <= 0 or width > 6000:
        return None
    pad = 2 * supersample
    canvas = Image.new("L", (width + 2 * pad + supersample, height + 2 * pad + supersample), 0)
    offset = int(shift * supersample)
    ImageDraw.Draw(canvas).text((pad - left + offset, pad - top + offset), text, fill=255, font=font)
    ink = np.asarray(canvas, np.float32) / 255.0
    if supersample > 1:
        h, w = ink.shape[0] // supersample, ink.shape[1] // supersample
        ink = ink[: h * supersample, : w * supersample].reshape(h, supersample, w, supersample).mean(axis=(1, 3))
    rows, columns = np.flatnonzero(ink.max(axis=1) > 0.1), np.flatnonzero(ink.max(axis=0) > 0.1)
    if rows.size == 0:
        return None
    return np.ascontiguousarray(ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])


class Renderer:
    """An endless source of lines; `held_out` draws with the families that training never sees.

    `hand_share` of the lines are in hand-drawn faces, `written` of those as a pen writes them (`handwriting.py`),
    `mixed` of these in letters of several faces; `algorithms` of the texts are steps of algorithms.  The ink of
    prepared lines is `ink_height` rows high.
    """

    def __init__(
        self,
        seed: int,
        held_out: bool = False,
        hand_share: float = 0.2,
        clean: float = 0.35,
        junk: float = 0.0,
        written: float = 0.0,
        mixed: float = 0.0,
        algorithms: float = 0.0,
        ink_height: int = INK_HEIGHT,
    ) -> None:
        self.rng = random.Random(seed)
        self.noise = np.random.default_rng(seed)
        self.texts = Texts(seed + 1, algorithms)
        self.clean, self.junk, self.written = clean, junk, written
        self.mixed, self.ink_height = mixed, ink_height
        families: dict[str, list[Font]] = {}
        for font in find_fonts(ALPHABET):
            if font.held_out == held_out:
                families.setdefault(font.family, []).append(font)
        if not families:
            raise RuntimeError("no fonts found: see python -m diagrasp_train.reader.fonts --help")
        self.families = list(families.values())
        self.by_hand = [f for fs in self.families for f in fs if f.kind == "hand"]
        hand = [fs[0].kind == "hand" for fs in self.families]
        share = [
            (hand_share / max(1, sum(hand)))
            if h
            else (1 - hand_share) * (4.0 if fs[0].family in _COMMON else 1.0 if fs[0].cyrillic else 0.35)
            for fs, h in zip(self.families, hand, strict=True)
        ]
        print_sum = sum(s for s, h in zip(share, hand, strict=True) if not h) or 1.0
        self.weights = [s if h else s * (1 - hand_share) / print_sum for s, h in zip(share, hand, strict=True)]

    def font(self) -> Font:
        rng = self.rng
        faces = rng.choices(self.families, self.weights)[0]
        regular = [
            f for f in faces if not any(x in f.style for x in ("Thin", "ExtraLight", "Hairline", "UltraLight", "Black"))
        ]
        chosen = regular if regular and rng.random() < 0.9 else faces
        slanted = rng.random() < 0.15
        matching = [f for f in chosen if ("Italic" in f.style or "Oblique" in f.style) == slanted]
        return rng.choice(matching or chosen)

    def line(self) -> Line:
        """One training line."""
        while True:
            if self.rng.random() < self.junk:
                picture = prepare_line(self._spoil(self._colours(draw_junk(self.rng)), 20.0), self.ink_height)
                if picture is not None and picture.shape[1] <= 600:
                    return Line(picture, "")
            font = self.font()
            text = self.texts.sample(latin_only=not font.cyrillic)
            if not set(text) <= font.characters:
                continue
            crop = self.crop(text, font)
            picture = prepare_line(crop, self.ink_height) if crop is not None else None
            if picture is not None and picture.shape[1] <= 1200:
                return Line(picture, text)

    def size(self) -> float:
        """Font size in pixels: mostly what diagrams use (cap height 6.5 to 20), some large."""
        r = self.rng.random()
        low, high = (9.5, 17.0) if r < 0.55 else (17.0, 28.0) if r < 0.88 else (28.0, 46.0)
        return self.rng.uniform(low, high)

    def crop(self, text: str, font: Font, size: float | None = None) -> Gray | None:
        """A raw crop of `text` as a detector would cut it, spoiled; None where the font draws nothing."""
        rng = self.rng
        size = self.size() if size is None else size
        if font.kind == "hand":
            size *= 1.2  # hand-drawn faces are small on their body
        # Neat writers' letters are a plain printed face's, thinned and bent.
        by_hand = self.written > 0 and rng.random() < self.written * (1.0 if font.kind == "hand" else 0.08)
        if by_hand:
            ink = write(text, self._hand(text, font), size, rng, self.noise)
        elif rng.random() < 0.35:
            ink = draw_ink(text, str(font.path), float(round(size)))
        else:
            ink = draw_ink(text, str(font.path), round(size * 2) / 2, rng.choice((2, 3, 4)), rng.random())
        if ink is None or max(ink.shape) > 1600:
            return None
        hard = rng.random() > self.clean
        if hard:
            ink = ink if by_hand else self._shape(ink, size, font)
        page = self._page(ink, hard)
        grey = self._colours(page)
        return self._spoil(grey, size) if hard else grey.astype(np.uint8)

    def _hand(self, text: str, font: Font) -> list[str]:
        """The faces of a line: its own, and some more hand-drawn ones that can say it, for `mixed` of the lines."""
        rng = self.rng
        paths = [str(font.path)]
        if rng.random() < self.mixed:
            others = [f for f in self.by_hand if set(text) <= f.characters]
            if others:
                paths += [str(f.path) for f in rng.choices(others, k=rng.randint(1, 4))]
        return paths

    def _shape(self, ink: Ink, size: float, font: Font) -> Ink:
        """Stroke weight, slant, rotation, width."""
        rng = self.rng
        if size > 20 and rng.random() < 0.12:
            kernel = np.ones((2, 2), np.uint8)
            ink = cv2.dilate(ink, kernel) if rng.random() < 0.7 else np.maximum(cv2.erode(ink, kernel), 0.5 * ink)
        if rng.random() < 0.12:
            ink = np.power(ink, rng.uniform(0.6, 1.6)).astype(np.float32)
        if rng.random() < 0.12:
            ink = cv2.resize(ink, None, fx=rng.uniform(0.85, 1.15), fy=1.0, interpolation=cv2.INTER_LINEAR)
        if rng.random() < 0.16:
            h, w = ink.shape
            turn = rng.gauss(0, 0.8)
            if abs(turn) * w / 57.3 > 0.35 * h:  # long lines stay readable only at small angles
                turn = 57.3 * 0.35 * h / w * (1 if turn > 0 else -1)
            shear = rng.uniform(-0.05, 0.25) if rng.random() < 0.4 else 0.0
            pad = int(abs(turn) * w / 57.3 / 2 + 2), int(abs(shear) * h + 2)
            ink = cv2.copyMakeBorder(ink, pad[0], pad[0], pad[1], pad[1], cv2.BORDER_CONSTANT, value=0.0)
            h, w = ink.shape
            matrix = cv2.getRotationMatrix2D((w / 2, h / 2), turn, 1.0)
            matrix[0, 1] -= shear
            matrix[0, 2] += shear * h / 2
            ink = cv2.warpAffine(ink, matrix, (w, h), flags=cv2.INTER_LINEAR)
        return ink

    def _page(self, ink: Ink, hard: bool) -> Ink:
        """Margins, and what else a crop may contain: underline, outline pieces, the neighbour line, specks."""
        rng = self.rng
        h, w = int(ink.shape[0]), int(ink.shape[1])

        def margin() -> int:
            return round(float(h) * (rng.triangular(0.0, 0.5, 0.15) if hard else rng.uniform(0.08, 0.3)))

        top, bottom, left, right = margin(), margin(), margin(), margin()
        page = cv2.copyMakeBorder(ink, top, bottom, left, right, cv2.BORDER_CONSTANT, value=0.0)
        if not hard:
            return page
        height, width = page.shape
        thick = rng.choice((1, 1, 2))
        shade = rng.uniform(0.4, 1.0)
        r = rng.random()
        if r < 0.13 and rng.random() < 0.3:  # not a line but what lies outside of a filled box
            thick = rng.randint(1, max(1, round(0.2 * float(h))))
        if r < 0.04:  # a box's outline, above or below
            if rng.random() < 0.5 and top > thick + 1:
                page[:thick] = shade
            elif bottom > thick + 1:
                page[-thick:] = shade
        elif r < 0.11:  # an outline or an edge beside the text
            gap = rng.randint(0, max(0, min(left, right) - thick - 1))
            if rng.random() < 0.5 and left > gap + thick:
                page[:, gap : gap + thick] = np.maximum(page[:, gap : gap + thick], shade)
            elif right > gap + thick:
                page[:, width - gap - thick : width - gap] = shade
        elif r < 0.13:  # underline
            y = min(height - 1, top + h + rng.randint(0, 2))
            page[y : y + thick, left : left + w] = np.maximum(page[y : y + thick, left : left + w], shade)
        elif r < 0.17 and w > 20:  # the neighbour line's feet or heads: this line's own pixels, mirrored
            depth = rng.randint(1, max(1, min(top, bottom, h // 4) - 1))
            piece = ink[-depth:, ::-1] if rng.random() < 0.5 else ink[:depth, ::-1]
            if rng.random() < 0.5 and top > depth + 2:
                page[:depth, left : left + w] = piece
            elif bottom > depth + 2:
                page[-depth:, left : left + w] = piece
        elif r < 0.20:  # specks
            for _ in range(rng.randint(1, 4)):
                y, x = rng.randrange(height), rng.randrange(width)
                page[y : y + rng.randint(1, 2), x : x + rng.randint(1, 2)] = shade
        elif r < 0.21:  # a thin edge runs through
            y = rng.randrange(height)
            page[y] = np.maximum(page[y], 0.6 * shade)
        elif r < 0.24:  # a slanted edge cuts a corner
            x, y = rng.randint(2, max(3, left + h // 3)), rng.randint(2, max(3, top + h // 3))
            if rng.random() < 0.5:
                cv2.line(page, (0, y), (x, 0), shade, thick, cv2.LINE_AA)
            else:
                cv2.line(page, (width - 1, height - y), (width - x, height - 1), shade, thick, cv2.LINE_AA)
        return page

    def _colours(self, page: Ink) -> Ink:
        rng = self.rng
        r = rng.random()
        if r < 0.45:
            paper, ink = rng.uniform(235, 255), rng.uniform(0, 70)
        elif r < 0.72:
            paper, ink = rng.uniform(10, 80), rng.uniform(170, 255)
        else:
            paper = rng.uniform(60, 255)
            contrast = rng.uniform(45, 150)
            ink = paper - contrast if paper - contrast > 0 else min(255.0, paper + contrast)
        grey = paper + (ink - paper) * page
        if rng.random() < 0.05:  # a gradient fill
            grey = grey + np.linspace(0, rng.uniform(-25, 25), grey.shape[1], dtype=np.float32)[None, :]
        clipped: Ink = np.clip(grey, 0, 255)
        return clipped

    def _spoil(self, grey: Ink, size: float) -> Gray:
        """Blur, resampling, JPEG, noise: lighter on small print, which they would make unreadable to anyone."""
        rng = self.rng
        strength = min(1.0, max(0.25, (size - 8.0) / 14.0))
        if rng.random() < 0.15:  # sub-pixel rendering seen in grey
            grey = cv2.blur(grey, (3, 1))
        if rng.random() < 0.3:
            grey = cv2.GaussianBlur(grey, (0, 0), 0.25 + rng.random() * 0.9 * strength)
        if rng.random() < 0.35:
            scale = rng.uniform(1.05, 2.0) if rng.random() < 0.5 else rng.uniform(max(0.5, 9.0 / size), 1.0)
            h, w = grey.shape
            there = max(4, round(w * scale)), max(4, round(h * scale))
            method = (
                rng.choice((cv2.INTER_AREA, cv2.INTER_LINEAR, cv2.INTER_CUBIC))
                if scale < 1
                else rng.choice((cv2.INTER_LINEAR, cv2.INTER_CUBIC))
            )
            grey = cv2.resize(grey, there, interpolation=method)
            if rng.random() < 0.4:
                grey = cv2.resize(grey, (w, h), interpolation=cv2.INTER_LINEAR)
        if rng.random() < 0.15:
            grey = grey + self.noise.normal(0, rng.uniform(1, 3 + 8 * strength), grey.shape).astype(np.float32)
        out: Gray = np.clip(grey, 0, 255).astype(np.uint8)
        if rng.random() < 0.25:
            quality = rng.randint(round(75 - 40 * strength), 95)
            done, data = cv2.imencode(".jpg", out, [cv2.IMWRITE_JPEG_QUALITY, quality])
            if done:
                out = np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)
        return out
