"""Crops that hold no text: what a detector of lines takes for text in a diagram. Their truth is the empty line."""

from __future__ import annotations

import random
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray


def draw_junk(rng: random.Random) -> NDArray[Any]:
    """Share of ink (float32, 0..1), 12 to 50 rows: dashes, lines, corners, arrow heads, pictograms."""
    height = rng.randint(12, 50)
    kind = rng.choices(("dashes", "line", "corner", "head", "icon"), (5, 3, 2, 2, 3))[0]
    # What is short could be a letter or a sign: a dash, an l, a Г. Only long pieces are certainly none.
    width = rng.randint(*((5, 14) if kind in ("dashes", "line", "corner") else (1, 2))) * height
    page = np.zeros((height, width), np.uint8)
    thick = rng.randint(1, 3)
    y = rng.randint(height // 4, 3 * height // 4)

    def point() -> tuple[int, int]:
        return rng.randrange(width), rng.randrange(height)

    if kind == "dashes":
        dash, gap = rng.randint(1, 8), rng.randint(2, 6)
        slope = rng.choice((0.0, 0.0, 0.0, rng.uniform(-0.3, 0.3)))
        for x in range(0, width, dash + gap):
            at = round(y + slope * (x - width / 2))
            cv2.line(page, (x, at), (x + dash - 1, round(at + slope * dash)), 255, thick, cv2.LINE_AA)
    elif kind == "line":
        cv2.line(page, (0, rng.randrange(height)), (width - 1, rng.randrange(height)), 255, thick, cv2.LINE_AA)
    elif kind == "corner":
        x = rng.randrange(width)
        cv2.rectangle(page, (x, y), (x + rng.choice((-1, 1)) * width, y + rng.choice((-1, 1)) * height), 255, thick)
    elif kind == "head":
        corners = np.array([point() for _ in range(3)], np.int32)
        if rng.random() < 0.7:
            cv2.fillPoly(page, [corners], 255, cv2.LINE_AA)
        else:
            cv2.polylines(page, [corners], rng.random() < 0.5, 255, thick, cv2.LINE_AA)
        cv2.line(page, (0, y), (width - 1, y), 255, thick)
    else:
        centre, radius = (width // 2, height // 2), height // 3
        cv2.circle(page, centre, radius, 255, thick, cv2.LINE_AA)
        for _ in range(rng.randint(3, 6)):
            if rng.random() < 0.5:
                cv2.line(page, point(), point(), 255, thick, cv2.LINE_AA)
            else:
                cv2.circle(page, point(), rng.randint(1, radius), 255, rng.choice((-1, thick)), cv2.LINE_AA)
    return page.astype(np.float32) / 255.0
