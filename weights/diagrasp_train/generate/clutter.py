"""What stands around drawings and over them where people show them: pages, windows, notes, legends, signs, watermarks.

None of it belongs to the graph, so that the truth stays but for its places.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from statistics import median

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from diagrasp.model import Box, Diagram
from diagrasp_train.generate.degrade import moved
from diagrasp_train.generate.domains import NOTES, Domain, domains
from diagrasp_train.generate.text import font, wrap

Way = Callable[[random.Random, Image.Image, Diagram], tuple[Image.Image, Diagram]]
TRIES = 40
"""Places at which a thing is tried before it is left out."""


def clutter(rng: random.Random, picture: Image.Image, truth: Diagram) -> tuple[Image.Image, Diagram, str]:
    """Put one or two things around a drawing or on it.

    Returns:
        The picture, the truth with its places moved, and the names of what was done.
    """
    names = rng.sample(sorted(WAYS), rng.randint(1, 2))
    for name in sorted(names):  # what stands in the drawing first, then what is around it, then what befalls it all
        picture, truth = WAYS[name](rng, picture, truth)
    return picture, truth, " ".join(sorted(n[2:] for n in names))


def _size(truth: Diagram) -> float:
    """Height of letters that suit a drawing, in pixels."""
    heights = [min(n.box.w, n.box.h) for n in truth.nodes if n.box is not None and n.label]
    return min(40.0, max(10.0, 0.3 * median(heights))) if heights else 14.0


def _inks(picture: Image.Image) -> tuple[tuple[int, int, int], tuple[int, int, int], str]:
    """The ground's colour, a colour to draw on it with, and the ground's as a word: "dark" or "light"."""
    ground = np.median(np.asarray(picture.convert("RGB"))[:: max(1, picture.height // 40)].reshape(-1, 3), axis=0)
    dark = float(ground.mean()) < 110
    red, green, blue = (int(v) for v in ground)
    return (red, green, blue), (225, 225, 225) if dark else (45, 45, 50), "dark" if dark else "light"


def _words(rng: random.Random) -> tuple[Domain, list[str]]:
    domain = rng.choice((*domains("ru"), *domains("en")))
    return domain, [*NOTES[domain.language], *domain.steps, *domain.documents, *domain.roles]


def _grown(
    picture: Image.Image, truth: Diagram, room: tuple[int, int, int, int], colour: tuple[int, int, int]
) -> tuple[Image.Image, Diagram]:
    left, top, right, bottom = room
    out = Image.new("RGB", (picture.width + left + right, picture.height + top + bottom), colour)
    out.paste(picture, (left, top))
    return out, moved(truth, (1, 0, left, 0, 1, top))


def _free(rng: random.Random, picture: Image.Image, truth: Diagram, w: float, h: float) -> tuple[int, int] | None:
    """A place for something of this size where nothing is drawn."""
    ground = np.asarray(_inks(picture)[0])
    pixels = np.asarray(picture.convert("RGB")).astype(int)
    taken = (np.abs(pixels - ground).max(axis=2) > 12).astype(np.int64)
    sums = np.pad(taken.cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    wide, high = round(w), round(h)
    if wide >= picture.width or high >= picture.height:
        return None
    for _ in range(TRIES):
        x, y = rng.randrange(picture.width - wide), rng.randrange(picture.height - high)
        if sums[y + high, x + wide] - sums[y, x + wide] - sums[y + high, x] + sums[y, x] == 0:
            return x, y
    return None


def _notes(rng: random.Random, picture: Image.Image, truth: Diagram) -> tuple[Image.Image, Diagram]:
    """Loose words in the free room of a drawing."""
    size = round(_size(truth) * rng.uniform(0.8, 1.3))
    picture = picture.convert("RGB")
    _, ink, _ = _inks(picture)
    if rng.random() < 0.4:
        ink = rng.choice(((200, 30, 30), (30, 90, 200), (130, 130, 130)))
    words = _words(rng)[1]
    for _ in range(rng.randint(2, 6)):
        lines = wrap(rng.choice(words), size, size * rng.choice((8, 12, 20)))
        wide = max(font(size).getlength(line) for line in lines)
        place = _free(rng, picture, truth, wide + size, len(lines) * 1.25 * size + 0.6 * size)
        if place is not None:
            _write(picture, lines, place[0] + size / 2, place[1] + 0.3 * size, size, ink)
    return picture, truth


def _legend(rng: random.Random, picture: Image.Image, truth: Diagram) -> tuple[Image.Image, Diagram]:
    """A list of colours and lines with what they mean, beside the drawing or below it."""
    size = round(_size(truth) * rng.uniform(0.8, 1.1))
    ground, ink, _ = _inks(picture)
    domain, _ = _words(rng)
    rows = rng.sample([*domain.roles, *domain.documents, *domain.states], rng.randint(3, 5))
    wide = round(max(font(size).getlength(row) for row in rows) + 5 * size)
    high = round((len(rows) + 2.2) * 1.8 * size)
    below = rng.random() < 0.5
    room = (0, 0, 0 if below else wide + 2 * size, high + 2 * size if below else max(0, high + size - picture.height))
    x, y = (size, picture.height + size) if below else (picture.width + size, size)
    picture, truth = _grown(picture, truth, room, ground)
    pen = ImageDraw.Draw(picture)
    if rng.random() < 0.6:
        pen.rectangle((x, y, x + wide, y + high), outline=ink, width=max(1, size // 12))
    _write(picture, [{"ru": "Обозначения", "en": "Legend"}[domain.language]], x + size, y + 0.5 * size, size, ink)
    signs = rng.choice(("swatch", "line", "shape"))
    for k, row in enumerate(rows):
        top = y + (k + 1.3) * 1.8 * size
        fill = rng.choice(((218, 232, 252), (213, 232, 212), (255, 242, 204), (248, 206, 204), (240, 240, 240)))
        box = (x + size, top, x + 3.2 * size, top + 1.2 * size)
        if signs == "swatch":
            pen.rectangle(box, fill=fill, outline=ink)
        elif signs == "line":
            middle = top + 0.6 * size
            pen.line((box[0], middle, box[2], middle), fill=ink, width=max(1, size // 8))
            pen.polygon(((box[2], middle), (box[2] - 6, middle - 4), (box[2] - 6, middle + 4)), fill=ink)
        else:
            (pen.ellipse if k % 2 else pen.rectangle)(box, outline=ink)
        _write(picture, [row], x + 4 * size, top + 0.1 * size, size, ink)
    return picture, truth


def _signs(rng: random.Random, picture: Image.Image, truth: Diagram) -> tuple[Image.Image, Diagram]:
    """Little figures by the symbols and in free room: people, wheels, clouds, stars, ticks."""
    picture = picture.convert("RGB")
    pen, (_, ink, _) = ImageDraw.Draw(picture), _inks(picture)
    size = _size(truth) * rng.uniform(1.2, 3.0)
    boxes: list[Box] = [n.box for n in truth.nodes if n.box is not None]
    for _ in range(rng.randint(2, 6)):
        colour = ink if rng.random() < 0.5 else rng.choice(((220, 120, 20), (40, 110, 190), (60, 150, 70)))
        place = _free(rng, picture, truth, size + 4, size + 4)
        if boxes and rng.random() < 0.4:  # in a symbol's corner
            box = rng.choice(boxes)
            place = round(box.right - 0.8 * size), round(box.y - 0.3 * size)
        if place is not None:
            _figure(pen, rng.randrange(5), place[0] + 2, place[1] + 2, size, colour)
    return picture, truth


def _figure(pen: ImageDraw.ImageDraw, what: int, x: float, y: float, s: float, colour: tuple[int, int, int]) -> None:
    wide = max(1, round(s / 12))
    if what == 0:
        pen.ellipse((x + 0.3 * s, y, x + 0.7 * s, y + 0.4 * s), outline=colour, width=wide)
        pen.arc((x, y + 0.45 * s, x + s, y + 1.4 * s), 180, 360, fill=colour, width=wide)
    elif what == 1:
        pen.ellipse((x + 0.15 * s, y + 0.15 * s, x + 0.85 * s, y + 0.85 * s), outline=colour, width=3 * wide)
        for a, b in ((0.5, 0.0), (0.5, 0.9), (0.0, 0.5), (0.9, 0.5)):
            pen.rectangle((x + a * s - wide, y + b * s, x + a * s + 2 * wide, y + b * s + 0.12 * s), fill=colour)
    elif what == 2:
        for a, b, r in ((0.0, 0.4, 0.3), (0.25, 0.15, 0.4), (0.55, 0.35, 0.35)):
            pen.ellipse((x + a * s, y + b * s, x + (a + 1.2 * r) * s, y + (b + 1.2 * r) * s), fill=colour)
    elif what == 3:
        turns = np.arange(10) * np.pi / 5 - np.pi / 2
        far = np.where(np.arange(10) % 2, 0.2, 0.5) * s
        points = np.stack([x + s / 2 + far * np.cos(turns), y + s / 2 + far * np.sin(turns)], 1)
        pen.polygon([(float(a), float(b)) for a, b in points], fill=colour)
    else:
        tick = ((x, y + 0.5 * s), (x + 0.35 * s, y + 0.9 * s), (x + s, y + 0.1 * s))
        pen.line(tick, fill=colour, width=3 * wide)


def _page(rng: random.Random, picture: Image.Image, truth: Diagram) -> tuple[Image.Image, Diagram]:
    """A page of a document or a slide: a heading and paragraphs around the drawing."""
    size = round(_size(truth) * rng.uniform(0.8, 1.2))
    ground, ink, _ = _inks(picture)
    domain, words = _words(rng)
    side = 2 * size
    above = wrap(". ".join(rng.sample(words, 6)) + ".", size, picture.width) if rng.random() < 0.7 else []
    below = wrap(". ".join(rng.sample(words, 6)) + ".", size, picture.width) if rng.random() < 0.6 else []
    big = round(size * rng.uniform(1.4, 2.2))
    top = round(2.5 * big + len(above) * 1.4 * size + size)
    caption = {"ru": "Рис. 1. ", "en": "Figure 1. "}[domain.language] + rng.choice(domain.starts)
    foot = round((len(below) + 3) * 1.4 * size)
    room, high = (side, top, side, foot), picture.height
    picture, truth = _grown(picture, truth, room, ground)
    _write(picture, [rng.choice(domain.starts)], side, 0.7 * big, big, ink)
    _write(picture, above, side, 2.5 * big, size, ink)
    _write(picture, [caption, *below], side, top + high + 0.6 * size, size, ink)
    return picture, truth


def _window(rng: random.Random, picture: Image.Image, truth: Diagram) -> tuple[Image.Image, Diagram]:
    """A window of a program: its title, menu, tools, a panel with symbols to choose from, a line of state."""
    size = max(10, round(_size(truth) * rng.uniform(0.7, 1.0)))
    dark = rng.random() < 0.3
    shell, ink = ((43, 43, 46), (210, 210, 210)) if dark else ((240, 240, 242), (60, 60, 65))
    domain, words = _words(rng)
    panel = round(size * rng.choice((0, 5, 9)))
    top, foot, right = round(6.6 * size), round(2 * size), round(size * rng.choice((0, 0, 14)))
    high, wide = picture.height, picture.width
    picture, truth = _grown(picture, truth, (panel, top, right, foot), shell)
    pen = ImageDraw.Draw(picture)
    for k, colour in enumerate(((255, 95, 87), (254, 188, 46), (40, 200, 64))):
        pen.ellipse((size * (0.8 + 1.4 * k), 0.6 * size, size * (1.7 + 1.4 * k), 1.5 * size), fill=colour)
    _write(
        picture,
        [rng.choice(domain.starts) + rng.choice((".drawio", ".bpmn", " - draw"))],
        7 * size,
        0.4 * size,
        size,
        ink,
    )
    menu = {
        "ru": "Файл   Правка   Вид   Вставка   Формат   Справка",
        "en": "File   Edit   View   Insert   Format   Help",
    }
    _write(picture, [menu[domain.language]], size, 2.3 * size, size, ink)
    line = tuple((a + b) // 2 for a, b in zip(shell, ink, strict=True))
    for k in range(max(3, int((wide + panel) / (2.6 * size)) - 2)):
        _figure(pen, rng.randrange(5), size * (1 + 2.2 * k), 4.5 * size, 1.2 * size, ink)
    pen.line((0, top - 1, picture.width, top - 1), fill=line)
    if panel:
        pen.line((panel - 1, top, panel - 1, top + high), fill=line)
        for k in range(int(high / (3.2 * size))):
            box = (0.25 * panel, top + size * (1 + 3.2 * k), 0.75 * panel, top + size * (2.6 + 3.2 * k))
            (pen.rectangle, pen.ellipse, pen.rectangle)[k % 3](box, outline=ink)
    if right:
        pen.line((panel + wide, top, panel + wide, top + high), fill=line)
        for k, word in enumerate(rng.sample(words, min(6, int(high / (2 * size))))):
            _write(picture, [word[:20]], panel + wide + 0.6 * size, top + size * (0.6 + 2 * k), round(0.85 * size), ink)
    _write(picture, [{"ru": "Страница 1 из 1     100 %", "en": "Page 1 of 1     100%"}[domain.language]],
           size, top + high + 0.4 * size, size, ink)  # fmt: skip
    return picture, truth


def _watermark(rng: random.Random, picture: Image.Image, truth: Diagram) -> tuple[Image.Image, Diagram]:
    """Large pale words across the picture, once or all over."""
    _, ink, _ = _inks(picture)
    word = rng.choice(("ЧЕРНОВИК", "КОПИЯ", "DRAFT", "SAMPLE", "CONFIDENTIAL"))
    size = round(min(picture.size) * rng.choice((0.08, 0.14, 0.2)))
    layer = Image.new("L", picture.size, 0)
    stamp = Image.new("L", (round(font(size).getlength(word)) + size, round(1.5 * size)), 0)
    ImageDraw.Draw(stamp).text((size / 2, 0.1 * size), word, 255, font(size))
    stamp = stamp.rotate(rng.choice((0, 30, 45)), expand=True)
    if rng.random() < 0.5:
        layer.paste(stamp, ((picture.width - stamp.width) // 2, (picture.height - stamp.height) // 2))
    else:
        for x in range(0, picture.width, stamp.width + size):
            for y in range(0, picture.height, stamp.height + size):
                layer.paste(stamp, (x, y))
    share = rng.uniform(0.06, 0.25)
    pale = layer.point([round(v * share) for v in range(256)])
    return Image.composite(Image.new("RGB", picture.size, ink), picture.convert("RGB"), pale), truth


def _scan(rng: random.Random, picture: Image.Image, truth: Diagram) -> tuple[Image.Image, Diagram]:
    """A scan's grey paper with specks."""
    grey = ImageOps.grayscale(picture)
    paper = rng.randint(195, 240)
    grey = grey.point([round(40 + v * (paper - 40) / 255) for v in range(256)])
    seed = np.random.default_rng(rng.randrange(2**32))
    pixels = np.asarray(grey, np.float32) + seed.normal(0, rng.uniform(1, 4), (picture.height, picture.width))
    for _ in range(round(picture.width * picture.height / 15000)):
        x, y = seed.integers(picture.width), seed.integers(picture.height)
        pixels[y : y + int(seed.integers(1, 4)), x : x + int(seed.integers(1, 4))] = seed.integers(30, 150)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).convert("RGB"), truth


def _soft(rng: random.Random, picture: Image.Image, truth: Diagram) -> tuple[Image.Image, Diagram]:
    """A picture made small and enlarged again."""
    k = rng.uniform(0.5, 0.8)
    small = picture.resize((round(picture.width * k), round(picture.height * k)), Image.Resampling.BILINEAR)
    return small.resize(picture.size, Image.Resampling.BICUBIC).filter(ImageFilter.GaussianBlur(0.3)), truth


def _inverted(rng: random.Random, picture: Image.Image, truth: Diagram) -> tuple[Image.Image, Diagram]:
    """Light on dark."""
    return ImageOps.invert(picture.convert("RGB")), truth


def _write(picture: Image.Image, lines: list[str], x: float, y: float, size: int, ink: tuple[int, int, int]) -> None:
    pen = ImageDraw.Draw(picture)
    for k, line in enumerate(lines):
        pen.text((x, y + 1.25 * size * k), line, ink, font(size))


WAYS: dict[str, Way] = {
    "a_notes": _notes, "a_signs": _signs, "b_legend": _legend, "c_page": _page, "c_window": _window,
    "d_inverted": _inverted, "d_scan": _scan, "d_soft": _soft, "d_watermark": _watermark,
}  # fmt: skip
"""By name; the first letter tells in which order two of them are done."""
