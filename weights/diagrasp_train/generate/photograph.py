"""Paper and whiteboards as cameras see them: ruling, ink of one colour, uneven light, grain, the page behind, a tilt.

What is drawn comes as dark ink on white; the truth's boxes and paths follow the camera's tilt.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.model import Box, Diagram, Point

Pixels = NDArray[np.uint8]
Field = NDArray[np.float32]

PAPERS: Final = ("plain", "lined", "squared", "squared", "whiteboard")
PENS: Final = ((40, 40, 130), (30, 30, 40), (35, 60, 150), (70, 70, 75))
"""Ball-pens and a pencil, RGB."""
MARKERS: Final = ((20, 20, 25), (25, 60, 170), (170, 30, 40), (20, 110, 60))


@dataclass(frozen=True, slots=True)
class Camera:
    """One photograph or scan.

    Attributes:
        paper: one of `PAPERS`.
        pen: colour of the ink.
        step: distance of ruled lines, in pixels.
        ruling: how dark these are, 0 to 1.
        shadow: how much of the light is gone at the darkest place.
        grain: standard deviation of the sensor's noise, in levels.
        behind: how dark the writing on the page's back shows through.
        tilt: how far the page's corners move, as a share of its sides.
        blur: standard deviation, in pixels.
        quality: of the JPEG.
    """

    paper: str
    pen: tuple[int, int, int]
    step: float
    ruling: float
    shadow: float
    grain: float
    behind: float
    tilt: float
    blur: float
    quality: int


def random_camera(rng: random.Random, size: float) -> Camera:
    """Somebody's telephone or scanner.

    Args:
        size: of the writing, in pixels: ruled lines are about as far apart.
    """
    paper = rng.choice(PAPERS)
    board = paper == "whiteboard"
    return Camera(
        paper,
        rng.choice(MARKERS if board else PENS),
        size * rng.uniform(0.9, 1.9),
        rng.uniform(0.08, 0.3),
        rng.uniform(0.05, 0.5),
        rng.uniform(1.5, 5.0),
        0.0 if board else rng.choice((0.0, 0.0, rng.uniform(0.03, 0.1))),
        rng.choice((0.0, rng.uniform(0.01, 0.05))),
        rng.uniform(0.4, 1.2),
        rng.randint(55, 92),
    )


def photograph(ink: Pixels, truth: Diagram, camera: Camera, rng: random.Random) -> tuple[Pixels, Diagram]:
    """(H, W, 3) RGB of what was drawn, and the truth in its pixels.

    Args:
        ink: (H, W) dark on white.
    """
    noise = np.random.default_rng(rng.randrange(1 << 30))
    margin = round(0.06 * max(ink.shape))
    drawn = np.pad(1.0 - ink.astype(np.float32) / 255.0, margin)
    height, width = drawn.shape
    page = np.empty((height, width, 3), np.float32)
    page[:] = rng.choice(((250, 250, 248), (244, 243, 236), (236, 240, 246)))
    lines = _ruled(camera, height, width)
    page *= 1.0 - camera.ruling * lines[:, :, None] * np.array([0.9, 0.75, 0.6], np.float32)
    if camera.behind:
        page *= 1.0 - camera.behind * cv2.GaussianBlur(drawn[:, ::-1], (0, 0), 2.0)[:, :, None]
    press = np.clip(1.0 + 0.35 * _clouds(noise, height, width, 12.0), 0.5, 1.0)  # no pen writes evenly
    share = np.clip(drawn * press, 0.0, 1.0)[:, :, None]
    page = page * (1.0 - share) + np.array(camera.pen, np.float32) * share
    page *= 1.0 - camera.shadow * _light(rng, noise, height, width)[:, :, None]
    if camera.paper == "whiteboard":
        page += 70.0 * _glare(rng, height, width)[:, :, None]
    matrix = _tilt(rng, camera, height, width)
    table = tuple(float(v) for v in noise.uniform(40, 160, 3))
    page = cv2.warpPerspective(page, matrix, (width, height), flags=cv2.INTER_CUBIC, borderValue=table)
    page = cv2.GaussianBlur(page, (0, 0), camera.blur)
    grain: Any = noise.normal(0.0, camera.grain, page.shape)
    page += np.asarray(grain, np.float32)
    pixels = np.clip(page, 0, 255).astype(np.uint8)
    _, file = cv2.imencode(".jpg", pixels[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, camera.quality])
    seen = np.asarray(cv2.imdecode(file, cv2.IMREAD_COLOR), np.uint8)[:, :, ::-1]
    return np.ascontiguousarray(seen), _moved(truth, matrix, margin)


def _ruled(camera: Camera, height: int, width: int) -> Field:
    """(H, W) 0 to 1, the ruled lines of the paper."""
    out = np.zeros((height, width), np.uint8)
    if camera.paper in ("lined", "squared"):
        for y in np.arange(camera.step, height, camera.step):
            cv2.line(out, (0, round(y)), (width, round(y)), 255, 2, cv2.LINE_AA)
    if camera.paper == "squared":
        for x in np.arange(camera.step, width, camera.step):
            cv2.line(out, (round(x), 0), (round(x), height), 255, 2, cv2.LINE_AA)
    return out.astype(np.float32) / 255.0


def _clouds(noise: np.random.Generator, height: int, width: int, size: float) -> Field:
    """(H, W) smooth noise, about -1 to 1."""
    small: Any = noise.normal(0.0, 0.5, (max(2, round(height / size)), max(2, round(width / size))))
    return np.asarray(cv2.resize(small.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC), np.float32)


def _light(rng: random.Random, noise: np.random.Generator, height: int, width: int) -> Field:
    """(H, W) 0 to 1, how much of the light is missing: more to one corner, and a soft-edged shadow at times."""
    x, y = np.linspace(0, 1, width, dtype=np.float32), np.linspace(0, 1, height, dtype=np.float32)[:, None]
    x = x if rng.random() < 0.5 else 1 - x
    y = y if rng.random() < 0.5 else 1 - y
    out: Field = np.asarray(
        0.7 * x * y + 0.15 * (1 + _clouds(noise, height, width, max(height, width) / 3)), np.float32
    )
    if rng.random() < 0.3:  # of a hand or a telephone
        shape = np.zeros((height, width), np.float32)
        center = round(rng.uniform(0, width)), round(rng.uniform(0.6, 1.1) * height)
        cv2.ellipse(shape, center, (width // 4, height // 3), rng.uniform(0, 180), 0, 360, 0.5, cv2.FILLED)
        out += cv2.GaussianBlur(shape, (0, 0), 0.02 * max(height, width))
    return np.asarray(np.clip(out, 0.0, 1.0), np.float32)


def _glare(rng: random.Random, height: int, width: int) -> Field:
    """(H, W) 0 to 1, the lamp that a board mirrors."""
    out = np.zeros((height, width), np.float32)
    center = round(rng.uniform(0.1, 0.9) * width), round(rng.uniform(0.1, 0.9) * height)
    cv2.ellipse(out, center, (width // 10, height // 16), rng.uniform(0, 180), 0, 360, 1.0, cv2.FILLED)
    return np.asarray(cv2.GaussianBlur(out, (0, 0), 0.03 * max(height, width)), np.float32)


def _tilt(rng: random.Random, camera: Camera, height: int, width: int) -> NDArray[np.float64]:
    """(3, 3) from the page to the picture: its corners move inwards."""
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    inwards = np.array([(1, 1), (-1, 1), (-1, -1), (1, -1)], np.float32)
    moves = np.array([[rng.random() * width, rng.random() * height] for _ in range(4)], np.float32) * camera.tilt
    return np.asarray(cv2.getPerspectiveTransform(corners, corners + inwards * moves), np.float64)


def _moved(truth: Diagram, matrix: NDArray[np.float64], margin: int) -> Diagram:
    def points(at: list[tuple[float, float]]) -> NDArray[np.float64]:
        place = np.array([[(x + margin, y + margin) for x, y in at]], np.float64)
        return np.asarray(cv2.perspectiveTransform(place, matrix)[0], np.float64)

    def box(r: Box | None) -> Box | None:
        if r is None:
            return None
        at = points([(r.x, r.y), (r.right, r.y), (r.x, r.bottom), (r.right, r.bottom)])
        (x0, y0), (x1, y1) = at.min(axis=0).tolist(), at.max(axis=0).tolist()
        return Box(x0, y0, x1 - x0, y1 - y0)

    def path(p: Any) -> Any:
        return p and tuple(Point(x, y) for x, y in points([(q.x, q.y) for q in p]).tolist())

    return truth.replace(
        nodes=tuple(n.replace(box=box(n.box)) for n in truth.nodes),
        groups=tuple(g.replace(box=box(g.box)) for g in truth.groups),
        edges=tuple(e.replace(path=path(e.path)) for e in truth.edges),
    )
