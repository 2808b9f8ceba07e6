"""What life does to pictures: scaling, JPEG, noise, blur, skew, low contrast, a screenshot's frame."""

from __future__ import annotations

import io
import math
import random

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from diagrasp.model import Box, Diagram, Point


def degrade(rng: random.Random, picture: Image.Image, truth: Diagram) -> tuple[Image.Image, Diagram, str]:
    """Do one to three things to a picture; the truth's boxes and paths follow.

    Returns:
        The picture, the truth, and the names of what was done.
    """
    names = rng.sample(sorted(_WAYS), rng.randint(1, 3))
    for name in sorted(names):  # geometry ("a_...") first
        picture, truth = _WAYS[name](rng, picture, truth)
    return picture, truth, " ".join(sorted(n[2:] for n in names))


def moved(truth: Diagram, matrix: tuple[float, float, float, float, float, float]) -> Diagram:
    """The truth of a picture of which x, y became ax + by + c, dx + ey + f."""
    a, b, c, d, e, f = matrix

    def point(p: tuple[float, float]) -> Point:
        return Point(a * p[0] + b * p[1] + c, d * p[0] + e * p[1] + f)

    def box(r: Box | None) -> Box | None:
        if r is None:
            return None
        corners = [point(p) for p in ((r.x, r.y), (r.right, r.y), (r.x, r.bottom), (r.right, r.bottom))]
        x0, y0 = min(p.x for p in corners), min(p.y for p in corners)
        return Box(x0, y0, max(p.x for p in corners) - x0, max(p.y for p in corners) - y0)

    return truth.replace(
        nodes=tuple(n.replace(box=box(n.box)) for n in truth.nodes),
        groups=tuple(g.replace(box=box(g.box)) for g in truth.groups),
        edges=tuple(e.replace(path=e.path and tuple(point(p) for p in e.path)) for e in truth.edges),
    )


def _scale(rng: random.Random, picture: Image.Image, truth: Diagram) -> tuple[Image.Image, Diagram]:
    k = rng.choice((0.6, 0.7, 0.8, 1.3, 1.6))
    size = max(1, round(picture.width * k)), max(1, round(picture.height * k))
    way = rng.choice((Image.Resampling.BILINEAR, Image.Resampling.LANCZOS, Image.Resampling.BICUBIC))
    return picture.resize(size, way), moved(truth, (k, 0, 0, 0, k, 0))


def _skew(rng: random.Random, picture: Image.Image, truth: Diagram) -> tuple[Image.Image, Diagram]:
    angle = math.radians(rng.uniform(-1.2, 1.2))
    cos, sin = math.cos(angle), math.sin(angle)
    cx, cy = picture.width / 2, picture.height / 2
    forward = (cos, -sin, cx - cos * cx + sin * cy, sin, cos, cy - sin * cx - cos * cy)
    back = (cos, sin, cx - cos * cx - sin * cy, -sin, cos, cy + sin * cx - cos * cy)
    paper = picture.getpixel((0, 0))
    turned = picture.transform(picture.size, Image.Transform.AFFINE, back, Image.Resampling.BICUBIC, fillcolor=paper)
    return turned, moved(truth, forward)


def _frame(rng: random.Random, picture: Image.Image, truth: Diagram) -> tuple[Image.Image, Diagram]:
    left, top, right, bottom = (rng.randint(0, 60) for _ in range(4))
    top += 40
    shell = rng.choice(("#e8eaed", "#2b2b2b", "#f3f3f3"))
    out = Image.new("RGB", (picture.width + left + right, picture.height + top + bottom), shell)
    pen = ImageDraw.Draw(out)
    for k in range(3):
        pen.ellipse((12 + 22 * k, 12, 24 + 22 * k, 24), fill=("#ff5f57", "#febc2e", "#28c840")[k])
    out.paste(picture, (left, top))
    return out, moved(truth, (1, 0, left, 0, 1, top))


def _noise(rng: random.Random, picture: Image.Image, truth: Diagram) -> tuple[Image.Image, Diagram]:
    noise = np.random.default_rng(rng.randrange(2**32)).normal(
        0, rng.uniform(3, 12), (picture.height, picture.width, 1)
    )
    pixels = np.clip(np.asarray(picture, np.float32) + noise, 0, 255).astype(np.uint8)
    return Image.fromarray(pixels), truth


def _blur(rng: random.Random, picture: Image.Image, truth: Diagram) -> tuple[Image.Image, Diagram]:
    return picture.filter(ImageFilter.GaussianBlur(rng.uniform(0.4, 1.1))), truth


def _contrast(rng: random.Random, picture: Image.Image, truth: Diagram) -> tuple[Image.Image, Diagram]:
    return ImageEnhance.Contrast(picture).enhance(rng.uniform(0.45, 0.8)), truth


def _shade(rng: random.Random, picture: Image.Image, truth: Diagram) -> tuple[Image.Image, Diagram]:
    """Uneven light, as in a photo or a scan."""
    x = np.linspace(0, 1, picture.width)[None, :, None]
    y = np.linspace(0, 1, picture.height)[:, None, None]
    light = 1 - rng.uniform(0.1, 0.35) * (x if rng.random() < 0.5 else 1 - x) * (y if rng.random() < 0.5 else 1 - y)
    return Image.fromarray(np.clip(np.asarray(picture, np.float32) * light, 0, 255).astype(np.uint8)), truth


def _jpeg(rng: random.Random, picture: Image.Image, truth: Diagram) -> tuple[Image.Image, Diagram]:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=rng.randint(35, 80))
    with Image.open(file) as again:
        return again.convert("RGB"), truth


_WAYS = {
    "a_scale": _scale, "a_skew": _skew, "b_frame": _frame, "c_noise": _noise, "c_blur": _blur, "c_contrast": _contrast,
    "c_shade": _shade, "d_jpeg": _jpeg,
}  # fmt: skip
