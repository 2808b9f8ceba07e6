"""Training crops: signs as an engine cuts them out of pictures, small, blurred, shifted, noisy, with strangers beside.

A crop's truth is one number a head, -1 where the head has nothing to say of it.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from diagrasp.engines.embedded.bpmn.icons import DIAMOND, INSIDE, RIM
from diagrasp.engines.embedded.bpmn.signs import HEADS, normalised
from diagrasp_train.icons.banks import CORNER, EVENT, FOOT, GATEWAY, Drawing
from diagrasp_train.icons.draw import CORNERS, FEET, GATEWAYS, SIDE, TRIGGERS, Pen

WHERE = (EVENT, GATEWAY, CORNER, FOOT)
FILLED = ("message", "error", "signal", "escalation", "compensation", "link", "cancel", "multiple")
"""Triggers that are drawn filled where they are thrown."""
WORDS = (
    "АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЭЮЯабвгдежзийклмнопрстуфхцчшщыьэюя"
    "ABCDEFGHIKLMNOPRSTUVWXYZabcdefghiklmnoprstuvwxyz0123456789№?!-+()"
)
Grey = NDArray[np.uint8]


def own(rng: random.Random) -> Drawing:
    """One sign drawn by ourselves."""
    where = rng.choice(WHERE)
    if where == EVENT:
        return _event(rng)
    if where == GATEWAY:
        sign = rng.choice(tuple(GATEWAYS))
        pen = Pen(rng, rng.uniform(0.04, 0.09), rng.uniform(0.36, 0.5), solid=rng.random() < 0.85)
        GATEWAYS[sign](pen)
        pen.size = 1.0
        edge = rng.uniform(0.03, 0.09)
        pen.line((0, -0.98), (0.98, 0), (0, 0.98), (-0.98, 0), (0, -0.98), width=edge)
        return Drawing(GATEWAY, sign, pen.canvas)
    signs = CORNERS if where == CORNER else FEET
    sign = rng.choice(tuple(signs))
    solid = sign == "send" or (sign in ("user", "service", "manual", "compensation") and rng.random() < 0.3)
    pen = Pen(rng, rng.uniform(0.06, 0.16), 0.88, solid=solid)
    signs[sign](pen)
    ys, xs = np.nonzero(pen.canvas > 60)
    return Drawing(where, sign, pen.canvas[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1])


def _event(rng: random.Random) -> Drawing:
    sign = rng.choice(tuple(TRIGGERS))
    ring = rng.choice(("thin", "double", "thick"))
    filled = sign in FILLED and ring != "thin" and rng.random() < 0.5
    if sign == "terminate":
        ring = "thick"
    pen = Pen(rng, rng.uniform(0.04, 0.09), rng.uniform(0.34, 0.68), solid=filled)
    TRIGGERS[sign](pen)
    pen.size = 1.0
    dashed = ring != "thick" and rng.random() < 0.25
    edge = rng.uniform(0.15, 0.26) if ring == "thick" else rng.uniform(0.04, 0.1 if ring == "double" else 0.11)
    radii = [1 - edge / 2]
    if ring == "double":
        radii.append(radii[0] - edge - rng.uniform(0.05, 0.11))
    if ring == "thick" and rng.random() < 0.2:  # a broad coloured ring between two thin lines
        canvas = pen.canvas
        pen.canvas = np.zeros_like(canvas)
        pen.line(*pen.arc(0, 0, 1 - edge / 2), width=edge)
        pen.canvas = np.maximum((pen.canvas * rng.uniform(0.4, 0.85)).astype(np.uint8), canvas)
        edge, radii = 0.04, [0.98, 1 - edge]
    dashes, share = rng.choice((6, 7, 8, 10, 14)), rng.uniform(0.5, 0.75)
    for r in radii:
        turn = rng.uniform(0, 60)
        if not dashed:
            pen.line(*pen.arc(0, 0, r), width=edge)
        for k in range(dashes if dashed else 0):
            start = turn + 360 * k / dashes
            pen.line(*pen.arc(0, 0, r, start, start + 360 * share / dashes), width=edge)
    return Drawing(EVENT, sign, pen.canvas, filled, ring, dashed)


class Crops:
    """An endless source of crops with their truths."""

    def __init__(self, drawings: Sequence[Drawing], fonts: Sequence[str], seed: int, own_share: float = 0.5) -> None:
        """`drawings` are the tools' own, `fonts` files for the words that stand where a sign might."""
        self.rng = random.Random(seed)
        self._noise = np.random.default_rng(seed)
        self._fonts = [ImageFont.truetype(path, size) for path in fonts for size in (20, 34)]
        self._own = own_share
        self._by_sign: dict[str, dict[str, list[Drawing]]] = {where: {} for where in WHERE}
        for d in drawings:
            self._by_sign[d.where].setdefault(d.sign, []).append(d)

    def batch(self, count: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """(count, SIDE, SIDE) crops, (count, heads) truths."""
        pairs = [self.one() for _ in range(count)]
        return np.stack([p[0] for p in pairs]), np.stack([p[1] for p in pairs])

    def one(self) -> tuple[Grey, NDArray[np.int64]]:
        """A crop and its truth."""
        rng = self.rng
        if rng.random() < 0.12:
            return self._words()
        if rng.random() < self._own or not any(self._by_sign.values()):
            return self.worn(own(rng))
        where = rng.choice([w for w in WHERE if self._by_sign[w]])
        return self.worn(rng.choice(self._by_sign[where][rng.choice(tuple(self._by_sign[where]))]))

    def worn(self, drawing: Drawing) -> tuple[Grey, NDArray[np.int64]]:
        """A drawing as it might be found in a picture."""
        rng = self.rng
        picture = drawing.picture
        if rng.random() < 0.5:  # thicker or thinner strokes
            k = rng.choice((3, 3, 5)) if max(picture.shape) > 90 else 3
            kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (k, k))
            thin = rng.random() < 0.3 and drawing.where != FOOT
            picture = np.asarray((cv2.erode if thin else cv2.dilate)(picture, kernel), np.uint8)
        if drawing.where in (EVENT, GATEWAY):
            crop, keep = self._symbol(picture, drawing.where)
        else:
            crop, keep = self._icon(picture, drawing.where), None
        truth = np.full(len(HEADS), -1, np.int64)
        names = list(HEADS)

        def say(head: str, word: str) -> None:
            truth[names.index(head)] = HEADS[head].index(word)

        if drawing.where == EVENT:
            say("trigger", drawing.sign)
            say("ring", drawing.ring)
            if drawing.ring != "thick":
                say("dashed", "yes" if drawing.dashed else "no")
            if drawing.sign not in ("none", "terminate"):
                say("filled", "yes" if drawing.filled else "no")
        else:
            say(drawing.where, drawing.sign)
        return normalised(self._spoil(crop), keep), truth

    def _symbol(self, picture: Grey, where: str) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """An event or a gateway, cut out about its middle; what lies around it is masked."""
        rng = self.rng
        side = rng.uniform(18, 64)
        reach = 1.06 if where == EVENT else DIAMOND
        half = side / 2 * reach
        off = [rng.gauss(0, 0.025) * side for _ in range(2)]
        zoom = side / max(picture.shape) * rng.uniform(0.93, 1.07)
        size = max(8, round(2 * half))
        turn = np.array(
            [[zoom, rng.gauss(0, 0.01) * zoom, 0], [rng.gauss(0, 0.01) * zoom, zoom * rng.uniform(0.97, 1.03), 0]]
        )
        centre = turn[:, :2] @ np.array([picture.shape[1] / 2, picture.shape[0] / 2])
        turn[:, 2] = size / 2 - centre + off
        if zoom < 0.5:
            picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.35 / zoom), np.uint8)
        crop = cv2.warpAffine(picture, turn, (size, size), flags=cv2.INTER_LINEAR)
        ys, xs = np.mgrid[0:size, 0:size]
        u, v = (xs + 0.5 - size / 2) / (size / 2), (ys + 0.5 - size / 2) / (size / 2)
        keep = np.hypot(u, v) * 1.06 < RIM if where == EVENT else (np.abs(u) + np.abs(v)) * DIAMOND < INSIDE
        return np.asarray(crop, np.float32), keep

    def _icon(self, picture: Grey, where: str) -> NDArray[np.float32]:
        """An icon or a marker with a little paper around it, its proportions hardly changed."""
        rng = self.rng
        side = rng.uniform(9, 40) if where == CORNER else rng.uniform(7, 30)
        zoom = side / max(picture.shape)
        w = max(2, round(picture.shape[1] * zoom * rng.uniform(0.92, 1.08)))
        h = max(2, round(picture.shape[0] * zoom * rng.uniform(0.92, 1.08)))
        small = cv2.resize(picture, (w, h), interpolation=cv2.INTER_AREA).astype(np.float32)
        if rng.random() < 0.12:  # a side is cut off
            k = max(1, round(0.12 * min(w, h)))
            small = small[k:] if rng.random() < 0.5 else small[:, k:]
        return np.pad(small, [(rng.randint(0, 2), rng.randint(0, 2)), (rng.randint(0, 2), rng.randint(0, 2))])

    def _spoil(self, crop: NDArray[np.float32]) -> NDArray[np.float32]:
        """Blur, noise, less contrast."""
        rng = self.rng
        if rng.random() < 0.4:
            crop = np.asarray(cv2.GaussianBlur(crop, (0, 0), rng.uniform(0.3, 0.9)), np.float32)
        if rng.random() < 0.4:
            crop = crop + self._noise.normal(0, rng.uniform(2, 18), crop.shape).astype(np.float32)
        if rng.random() < 0.2:  # a fill that grows darker downwards
            ramp = np.linspace(0, rng.uniform(10, 70), len(crop), dtype=np.float32)[:, None]
            crop = np.maximum(crop, ramp)
        if rng.random() < 0.2:
            level = rng.uniform(20, 70)
            crop = np.abs(np.rint(crop / level) * level)
        return np.asarray(np.clip(crop, 0, 255) * rng.uniform(0.4, 1.0), np.float32)

    def _words(self) -> tuple[Grey, NDArray[np.int64]]:
        """Letters, lines and corners where an icon or a marker might stand: no sign; a circle with a letter too."""
        rng = self.rng
        truth = np.full(len(HEADS), -1, np.int64)
        names = list(HEADS)
        text = "".join(rng.choice(WORDS) for _ in range(rng.choice((1, 1, 2, 3, 4, 6))))
        image = Image.new("L", (220, 60))
        roll = rng.random()
        if self._fonts and roll < 0.8:
            ImageDraw.Draw(image).text((8, 6), text, fill=255, font=rng.choice(self._fonts))
        else:
            points = [(rng.randint(0, 60), rng.randint(0, 55)) for _ in range(rng.choice((2, 2, 3)))]
            ImageDraw.Draw(image).line(points, fill=255, width=rng.randint(1, 5))
        canvas = np.asarray(image, np.uint8)
        ys, xs = np.nonzero(canvas > 60)
        if len(ys) == 0:
            return self._words()
        canvas = canvas[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1]
        if rng.random() < 0.25 and len(text) <= 2 and roll < 0.8:  # an event that a letter marks
            pen = Pen(rng, 0.06)
            edge = rng.uniform(0.04, 0.1)
            pen.line(*pen.arc(0, 0, 1 - edge / 2), width=edge)
            k = rng.uniform(0.35, 0.55) * SIDE / max(canvas.shape)
            letter = cv2.resize(canvas, None, fx=k, fy=k, interpolation=cv2.INTER_AREA)
            y, x = (SIDE - letter.shape[0]) // 2, (SIDE - letter.shape[1]) // 2
            pen.canvas[y : y + letter.shape[0], x : x + letter.shape[1]] = letter
            crop, keep = self._symbol(pen.canvas, EVENT)
            truth[names.index("trigger")] = 0
            return normalised(self._spoil(crop), keep), truth
        truth[names.index("corner")] = truth[names.index("foot")] = 0
        return normalised(self._spoil(self._icon(canvas, rng.choice((CORNER, FOOT)))), None), truth


def examples(drawings: Sequence[Drawing], times: int, seed: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Every drawing so many times, worn each time in another way: what a net is measured with."""
    source = Crops([], [], seed)
    pairs = [source.worn(d) for d in drawings for _ in range(times)]
    return np.stack([p[0] for p in pairs]), np.stack([p[1] for p in pairs])
