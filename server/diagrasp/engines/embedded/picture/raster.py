"""From pixels to paper and ink: flat regions, the ground under every stroke, and the height of the letters.

A drawing is flat paper (page, fills) with thin strokes on it.  Flat pixels are those whose 3x3 neighbourhood hardly
varies; their connected components are the paper regions.  The ground of any other pixel is the colour of the nearest
paper pixel, and ink is what differs from its ground.  Nothing here depends on which of the two is darker.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.picture.components import components, looked_up
from diagrasp.engines.embedded.picture.edges import blurred, without_valleys
from diagrasp.engines.embedded.picture.faded import stretched
from diagrasp.engines.embedded.picture.grounds import clear_grounds
from diagrasp.engines.embedded.picture.letters import RUN_TOGETHER, letter_heights, letters_touch, words_run_together
from diagrasp.engines.embedded.picture.lone import lone_heights
from diagrasp.engines.embedded.picture.nearest import nearest_paper
from diagrasp.engines.embedded.picture.scaling import TARGET, TINY, scaling, without_room
from diagrasp.engines.embedded.picture.solid import unmark_solid

FLAT = 20
"""Levels (of 255) by which a flat 3x3 neighbourhood may vary: JPEG noise at quality 75 and pale hatching stay below."""
NOISY = 0.3
"""Pixels that vary a little for one that varies much, from which on a picture is noisy."""
GRAINY = 0.4
"""Share of the pixels that vary much, from which on that is grain: no drawing is strokes for the most part."""
INK = 34
"""Levels by which ink differs from its ground: half of the faintest outline (#bbb on white) that drawings use."""
CALMED, MILDEST = 2.5, (32.0, 60.0)
"""How many times what noisy pixels vary is calmed, and that in levels at the least and the most: more than noise does
would wear letters off their fills, and pale outlines off the page."""
MAX_AREA = 14e6
"""Pixels above which a drawing is scaled down even if its letters are small: what 2 GB of memory allow."""

Image = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Labels = NDArray[np.int32]


@dataclass(frozen=True)
class Sheet:
    """A drawing taken apart.

    Attributes:
        rgb: (H, W, 3) uint8, scaled.
        scale: pixels here for one pixel of the picture.
        ground: (H, W, 3) uint8, the paper's colour under every pixel.
        contrast: (H, W) uint8, how far each pixel is from its ground (largest channel).
        ink: (H, W) bool.
        regions: (H, W) int32, the nearest paper region of every pixel, 1..N.
        stats: (N + 1, 5) left, top, width, height, area of the regions; row 0 is unused.
        paper: (H, W) bool, whether the pixel itself is flat paper.
        letter: height of a capital letter in pixels here.
        page: the region that is the page itself.
        soft: by how many pixels enlarging or blur has softened its edges.
        hand: whether it was drawn with a pen: strokes wobble, outlines have gaps.
    """

    rgb: Image
    scale: float
    ground: Image
    contrast: Image
    ink: Mask
    regions: Labels
    stats: NDArray[np.int32]
    paper: Mask
    letter: float
    page: int
    hand: bool = False
    soft: int = 0

    @property
    def height(self) -> int:
        return int(self.rgb.shape[0])

    @property
    def width(self) -> int:
        return int(self.rgb.shape[1])


def prepare(pixels: Image) -> Sheet:
    """Scale a picture to letters of a usual height and take it apart.

    Args:
        pixels: (H, W, 3) RGB.
    """
    return prepare_twice(pixels)[1]()


def prepare_twice(pixels: Image, cleaned: Callable[[Sheet], Image] | None = None) -> tuple[Sheet, Callable[[], Sheet]]:
    """As `prepare`, but without room for small letters; and what makes room: most have that very sheet.

    Args:
        pixels: (H, W, 3) RGB.
        cleaned: gives a sheet's picture without what is better erased before a drawing is enlarged: it takes a quarter
            of the time then.
    """
    area = pixels.shape[0] * pixels.shape[1]
    scale = min(1.0, (MAX_AREA / area) ** 0.5)
    soft = False
    if scale == 1.0:
        pixels = np.ascontiguousarray(pixels)
        spread = variation(pixels)
        calm = _calm(pixels, spread)
        flats = _find_flats(calm, spread if calm is pixels else None)
        soft = calm is not pixels
        pixels = calm
        del spread
    else:  # scaling down calms as well
        flats = _find_flats(_resize(pixels, scale))
    ground = _find_ground(flats, 10.0)
    usual, letter, touching = _heights(flats, ground)
    soft = soft or touching
    if letter < TINY and not soft:  # sharpening noise makes ink of it
        pixels, soft = _sharper(pixels), True
    factor = scaling(usual, letter, flats.labels.size, MAX_AREA, soft=soft)
    erase = cleaned if scale == 1.0 and factor > 1.1 else None

    def resized(pixels: Image) -> Sheet:
        return _scaled_sheet(pixels, scale * factor, letter * factor, soft=soft)

    full = scale < 1 and abs(factor - 1) < 1e-3  # there is no room for more
    if full or abs(without_room(usual, letter) - 1) <= 0.1:
        if full:
            scale, letter = scale * factor, letter * factor
        plain = _sheet(flats, _find_ground(flats, letter, ground), scale, letter, int(touching))
        if abs(factor - 1) > 0.1:
            return plain, lambda: resized(pixels if erase is None else _erased(pixels, plain, erase))
    else:
        if erase is not None:
            pixels = _erased(pixels, _sheet(flats, _find_ground(flats, letter, ground), scale, letter), erase)
        del flats, ground  # or one more sheet would be held at a time
        plain = resized(pixels)
    return plain, lambda: plain


def _erased(pixels: Image, sheet: Sheet, cleaned: Callable[[Sheet], Image]) -> Image:
    """A picture, perhaps sharpened, as the sheet made of it is when it is cleaned."""
    rgb = cleaned(sheet)
    if rgb is sheet.rgb:
        return pixels
    changed = _largest(cv2.absdiff(rgb, sheet.rgb)) > 0
    out = pixels.copy()
    out[changed] = rgb[changed]
    return out


def _heights(flats: _Flats, ground: _Ground) -> tuple[float, float, bool]:
    """Height of the commonest letters and of capitals, in pixels, and whether blur makes letters touch one another."""
    ink = ground.ink(flats)
    found = letter_heights(ink) or lone_heights(ink, flats.labels, flats.stats)
    usual, letter = found or ((RUN_TOGETHER,) * 2 if words_run_together(ink) else (TARGET, TARGET))
    touching = letter >= TINY and letters_touch(ink, letter) and blurred(ground.contrast(flats), ink)
    return usual, letter, touching  # the space between tiny letters is grey in any case


def _scaled_sheet(pixels: Image, scale: float, letter: float, *, soft: bool) -> Sheet:
    rgb = _resize(pixels, scale)
    if scale <= 1 or not soft:
        return taken_apart(rgb, scale, letter)
    # Soft edges enlarged are slopes: what is no steeper than the faintest ink may be flat.
    flats = _find_flats(rgb, np.where(variation(rgb) <= INK - 2, np.uint8(0), np.uint8(255)))
    return _sheet(flats, _find_ground(flats, letter), scale, letter, round(scale))


def _resize(pixels: Image, scale: float) -> Image:
    if abs(scale - 1) < 1e-6:
        return np.ascontiguousarray(pixels)
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=how), np.uint8)


def _calm(rgb: Image, spread: Image) -> Image:
    """The same without the ripples that JPEG leaves around strokes, and other noise; a clean drawing as it is.

    A clean drawing is flat but for its strokes' edges, so pixels that vary a little are few beside those that vary
    much (below 1 to 10 in renderings, above 1 to 2 after JPEG of any quality).

    Args:
        spread: what `variation` tells of it.
    """
    faint, strong = np.count_nonzero((spread > 2) & (spread <= FLAT)), np.count_nonzero(spread > FLAT)
    if faint <= NOISY * strong <= NOISY * GRAINY * spread.size:
        return rgb
    mild, most = MILDEST
    if strong > GRAINY * spread.size:
        mild = most  # grain hides how strong it is
    elif faint:
        mild = float(np.clip(CALMED * np.median(spread[(spread > 2) & (spread <= FLAT)]), mild, most))
    return stretched(np.asarray(cv2.bilateralFilter(rgb, 5, mild, 1.5), np.uint8), spread)


def _sharper(rgb: Image) -> Image:
    """A picture that was scaled down, with what that wore off its thin lines put back."""
    return np.asarray(cv2.addWeighted(rgb, 2.0, cv2.GaussianBlur(rgb, (0, 0), 0.7), -1.0, 0), np.uint8)


def variation(rgb: Image) -> Image:
    """How far every pixel's 3x3 neighbourhood varies, in levels of the channel that varies most."""
    kernel = np.ones((3, 3), np.uint8)
    return _largest(cv2.subtract(cv2.dilate(rgb, kernel), cv2.erode(rgb, kernel)))


@dataclass(frozen=True)
class _Flats:
    """A drawing's flat regions, whatever they turn out to be.

    Attributes:
        labels: (H, W) int32, the region of every flat pixel, 0 for others.
        stats: (N + 1, 5) left, top, width, height, area.
        thick: (N + 1,) how far a region's innermost pixel is from its edge.
    """

    rgb: Image
    labels: Labels
    stats: NDArray[np.int32]
    thick: NDArray[np.float32]


@dataclass(frozen=True)
class _Ground:
    """Which flat regions are paper, (N + 1,), and what lies under the K pixels that are not.

    Attributes:
        holes: (K,) flat indices of those pixels.
        sources: (K,) flat index of the nearest paper pixel of each.
        colours: (K, 3) the colour there.
    """

    paper: Mask
    holes: NDArray[np.int64]
    sources: NDArray[np.int64]
    colours: Image

    def contrast(self, flats: _Flats) -> Image:
        """(H, W) how far each pixel is from its ground; paper is its own."""
        out = np.zeros(flats.labels.shape, np.uint8)
        if len(self.holes):
            own = flats.rgb.reshape(-1, 1, 3)[self.holes]
            out.ravel()[self.holes] = _largest(cv2.absdiff(own, self.colours[:, None])).ravel()
        return out

    def ink(self, flats: _Flats) -> Mask:
        """(H, W) what differs from its ground."""
        return self.contrast(flats) >= INK


def _find_flats(rgb: Image, spread: Image | None = None) -> _Flats:
    flat = ((variation(rgb) if spread is None else spread) <= FLAT).view(np.uint8)
    count, labels, stats, _ = components(flat, 4)
    depth = cv2.convertScaleAbs(cv2.distanceTransform(flat, cv2.DIST_L1, 3))  # 255 is as good as more
    return _Flats(rgb, labels, stats, _max_by_label(np.asarray(depth, np.uint8), labels, count))


def _find_ground(flats: _Flats, letter: float, known: _Ground | None = None) -> _Ground:
    """Tell paper from other flat regions.

    Args:
        known: what another letter height gave; returned where it makes no difference.
    """
    stats, thick = flats.stats, flats.thick
    # How thick a flat region is tells paper from the inside of thick strokes, heads and letters.
    size = np.maximum(stats[:, 2], stats[:, 3])
    paper = (thick >= max(2.0, 0.14 * letter)) & (size >= 1.1 * letter) & (stats[:, 4] >= 0.45 * letter * letter)
    paper[0] = False
    unmark_solid(flats.rgb, flats.labels, stats, thick, paper, letter, INK)
    if not paper.any():
        paper[1:] = stats[1:, 4] == stats[1:, 4].max(initial=0)
    if known is not None and np.array_equal(known.paper, paper):
        return known
    return _Ground(paper, *nearest_paper(flats.rgb, looked_up(paper, flats.labels)))


def taken_apart(rgb: Image, scale: float, letter: float, soft: int = 0) -> Sheet:
    """Paper, ground and ink of a picture already scaled."""
    flats = _find_flats(rgb)
    return _sheet(flats, _find_ground(flats, letter), scale, letter, soft)


def _sheet(flats: _Flats, under: _Ground, scale: float, letter: float, soft: int = 0) -> Sheet:
    """A sheet; `soft` tells by how many pixels enlarging has softened its edges."""
    rgb, labels = flats.rgb, flats.labels
    contrast = under.contrast(flats)
    ground = rgb.copy()
    ground.reshape(-1, 3)[under.holes] = under.colours
    renumber = np.zeros(len(under.paper), np.int32)
    kept = np.flatnonzero(under.paper)
    renumber[kept] = np.arange(1, len(kept) + 1)
    regions = looked_up(renumber, labels)
    paper = regions > 0
    kept_stats = np.vstack([np.zeros((1, 5), np.int32), flats.stats[kept]])
    page = _page(regions, kept_stats)
    regions.ravel()[under.holes] = regions.ravel()[under.sources]
    _keep_rims(contrast, rgb, regions, paper, kept_stats, page, letter)
    if soft:
        without_valleys(contrast, soft, INK)
    clear_grounds(contrast, regions, rgb, ground, kept_stats, letter, INK)
    return Sheet(rgb, scale, ground, contrast, contrast >= INK, regions, kept_stats, paper, letter, page, soft=soft)


def _keep_rims(
    contrast: Image, rgb: Image, regions: Labels, paper: Mask, stats: NDArray[np.int32], page: int, letter: float
) -> None:
    """Take the rims of small fills, such as labels' grounds, for paper where letters come close to them.

    Between a letter and the rim nothing is flat, and the nearest paper lies outside, of another colour.  Changes
    `contrast` and `regions` in place.
    """
    w, h, area = stats[:, 2], stats[:, 3], stats[:, 4]
    small = (h <= 4 * letter) & (w <= 30 * letter) & (area >= 0.25 * w * h)
    small[[0, page]] = False
    fills: list[tuple[NDArray[np.uint8], int, list[int]]] = []  # colour, region, left, top, right, bottom
    for i in np.flatnonzero(small)[np.argsort(stats[small, 1], kind="stable")]:
        x, y, wide, high, _ = (int(v) for v in stats[i])
        box = slice(y, y + high), slice(x, x + wide)
        colour = np.median(rgb[box][paper[box] & (regions[box] == i)], axis=0).astype(np.uint8)
        for other, _, whole in fills:  # a row of letters from rim to rim cuts a fill in two
            if abs(whole[0] - x) > 0.3 * letter or abs(whole[2] - x - wide) > 0.3 * letter:
                continue
            near = 0 < y - whole[3] <= 1.7 * letter and y + high - whole[1] <= 5 * letter
            if near and int(np.abs(colour.astype(int) - other).max()) <= 6:
                whole[0], whole[2], whole[3] = min(x, whole[0]), max(x + wide, whole[2]), y + high
                break
        else:
            fills.append((colour, int(i), [x, y, x + wide, y + high]))
    for colour, i, (x0, y0, x1, y1) in fills:
        box = slice(y0, y1), slice(x0, x1)
        others = ~paper[box]
        view = contrast[box]
        other = _largest(cv2.absdiff(rgb[box], np.broadcast_to(colour, rgb[box].shape).copy()))
        view[others] = np.minimum(view[others], other[others])
        if y1 - y0 <= 2.2 * letter:
            regions[box][others] = i


def _largest(image: Any) -> Image:
    """The largest channel of every pixel."""
    a, b, c = cv2.split(image)
    return np.asarray(cv2.max(cv2.max(a, b), c), np.uint8)


def darkest(rgb: Image) -> Image:
    """(H, W) the smallest channel of every pixel; NumPy takes ten times as long over three neighbours in memory."""
    a, b, c = cv2.split(rgb)
    return np.asarray(cv2.min(cv2.min(a, b), c), np.uint8)


def median_colour(pixels: Image) -> NDArray[np.float64]:
    """(3,) the median of each channel, counted: NumPy would sort.

    Args:
        pixels: (N, 3), N > 0.
    """
    middle = np.array([(len(pixels) - 1) // 2, len(pixels) // 2])
    sums = (np.bincount(channel, minlength=256).cumsum() for channel in pixels.T)
    return np.array([np.searchsorted(below, middle, side="right").mean() for below in sums])


def _max_by_label(values: Image, labels: Labels, count: int) -> NDArray[np.float32]:
    """The largest of every label's values; a value of 1 counts as 0.

    Args:
        values: (H, W) distances, 0 outside the labels, whose regions touch at corners at the most.
    """
    # A largest value is one that no neighbour exceeds; there are few.  Sorted ascending, the last one written stays.
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    inside = np.flatnonzero((values > 1) & (values >= cv2.dilate(values, cross)))
    flat = values.ravel()[inside]
    order = np.argsort(flat, kind="stable")
    out = np.zeros(count, np.float32)
    out[labels.ravel()[inside[order]]] = flat[order]
    return out


def _page(regions: Labels, stats: NDArray[np.int32]) -> int:
    """The region with most of the picture's border, else the largest."""
    border = np.concatenate([regions[0], regions[-1], regions[:, 0], regions[:, -1]])
    border = border[border > 0]
    if len(border) > 0.2 * 2 * sum(regions.shape):
        return int(np.bincount(border).argmax())
    return int(stats[:, 4].argmax())


def retake(sheet: Sheet, rgb: Image) -> Sheet:
    """The same drawing after something was erased from it.

    Args:
        rgb: (H, W, 3), the sheet's own picture but for what was erased.
    """
    return taken_apart(rgb, sheet.scale, sheet.letter, sheet.soft)
