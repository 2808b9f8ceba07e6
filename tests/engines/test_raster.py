"""A sheet taken apart: what the shortcuts leave out makes no difference."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from paper import Page

from diagrasp.engines.embedded.joining import _nearest
from diagrasp.engines.embedded.lines.skeleton import _OFFSETS, _tables, thin
from diagrasp.engines.embedded.picture.nearest import BAND, nearest_paper
from diagrasp.engines.embedded.picture.raster import FLAT, INK, TARGET, _calm, _max_by_label, prepare, variation

Mask = NDArray[np.bool_]


def blots(seed: int, share: float) -> Mask:
    """Random blots on a sheet of 60 x 90 pixels."""
    noise = np.random.default_rng(seed).random((60, 90)).astype(np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), 1.5)
    return np.asarray(soft > np.quantile(soft, 1 - share))


MASKS = st.builds(blots, st.integers(0, 2**32 - 1), st.sampled_from([0.02, 0.2, 0.6]))


@settings(max_examples=40)
@given(MASKS)
def test_thenearest_paper_is_the_nearest(ink: Mask) -> None:
    rgb = np.random.default_rng(1).integers(0, 256, (*ink.shape, 3)).astype(np.uint8)
    holes, sources, colours = nearest_paper(rgb, ~ink)
    assert np.array_equal(holes, np.flatnonzero(ink))
    assert not ink.ravel()[sources].any()
    assert np.array_equal(colours, rgb.reshape(-1, 3)[sources])
    paper = np.argwhere(~ink)
    for hole, source in zip(holes.tolist()[::17], sources.tolist()[::17], strict=True):
        here, there = np.array(divmod(hole, 90)), np.array(divmod(source, 90))
        best = np.hypot(*(paper - here).T).min()
        assert np.hypot(*(there - here)) <= 1.1 * best + 0.1  # distances in a 5 x 5 mask are that exact


@settings(max_examples=40)
@given(MASKS)
def test_the_nearest_symbol_is_of_those_that_cover_the_sheet(mask: Mask) -> None:
    count, labels = cv2.connectedComponents(mask.astype(np.uint8))
    covered = np.asarray(labels, np.int32)
    near, owner = _nearest(covered)
    assert np.array_equal(owner[mask], covered[mask])
    assert (near[mask] == 0).all()
    assert set(np.unique(owner)) <= set(range(1, count))


@settings(max_examples=40)
@given(MASKS)
def test_the_thickest_pixel_of_every_region(mask: Mask) -> None:
    count, labels = cv2.connectedComponents(mask.astype(np.uint8), connectivity=4)
    depth = cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L1, 3)
    found = _max_by_label(np.asarray(depth, np.uint8), np.asarray(labels, np.int32), count)
    for label in range(1, count):
        most = float(depth[labels == label].max())
        assert found[label] == (most if most > 1.5 else 0)


@settings(max_examples=40)
@given(MASKS)
def test_thinning_ink_alone_is_thinning_the_sheet(mask: Mask) -> None:
    image = np.pad(mask.astype(np.uint8), 1)
    kernel = np.zeros((3, 3), np.float32)
    for bit, (dy, dx) in enumerate(_OFFSETS):
        kernel[dy + 1, dx + 1] = 1 << bit
    for _ in range(40):
        for table in _tables():
            code = cv2.filter2D(image, cv2.CV_8U, kernel, borderType=cv2.BORDER_CONSTANT)
            image &= np.asarray(cv2.LUT(code, table), np.uint8)
    assert np.array_equal(thin(mask), image[1:-1, 1:-1] > 0)


@pytest.mark.parametrize("factor", [1.0, 0.5, 2.4])
def test_letters_of_any_size_are_brought_to_one(factor: float) -> None:
    page = Page()
    page.symbol("process", 200, 160, "Check the order")
    pixels = cv2.resize(page.pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    sheet = prepare(np.asarray(pixels, np.uint8))
    assert 0.6 * TARGET <= sheet.letter <= 1.75 * TARGET
    assert sheet.width == pytest.approx(pixels.shape[1] * sheet.scale, abs=1)
    assert np.array_equal(sheet.ink, sheet.contrast >= INK)
    assert (sheet.contrast[sheet.paper] == 0).all()
    assert (sheet.regions > 0).all()
    assert np.array_equal(sheet.ground[sheet.paper], sheet.rgb[sheet.paper])


def test_a_sheet_without_paper_has_one_ground() -> None:
    noise = np.random.default_rng(3).integers(0, 256, (40, 50, 3)).astype(np.uint8)
    holes, sources, colours = nearest_paper(noise, np.zeros((40, 50), bool))
    assert len(holes) == 2000
    assert not sources.any()
    assert len(np.unique(colours, axis=0)) == 1


def test_what_is_clean_is_left_as_it_is_and_ripples_are_calmed() -> None:
    page = Page()
    page.symbol("process", 200, 160, "Check the order")
    clean = page.pixels
    assert _calm(clean, variation(clean)) is clean
    done, data = cv2.imencode(".jpg", clean, [cv2.IMWRITE_JPEG_QUALITY, 50])
    assert done
    rippled = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    calmed = _calm(rippled, variation(rippled))
    assert np.count_nonzero(variation(calmed) > FLAT) < 0.95 * np.count_nonzero(variation(rippled) > FLAT)
    assert (calmed.min(axis=2) < 128).sum() > 0.8 * (clean.min(axis=2) < 128).sum()


@pytest.mark.parametrize("wide", [3, 40, 400])
def test_the_nearest_paper_is_found_in_bands_as_in_the_whole(wide: int) -> None:
    """Also where a hole is deeper than the rows beyond a band that are looked at."""
    away = np.zeros((3 * BAND, 90), np.uint8)
    away[300 : 300 + wide] = 1
    away[::7, ::5] = 1
    holes, sources, _ = nearest_paper(np.zeros((*away.shape, 3), np.uint8), away == 0)
    _, index = cv2.distanceTransformWithLabels(away, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    assert np.array_equal(holes, np.flatnonzero(away))
    assert np.array_equal(index.ravel()[sources], index.ravel()[holes])


def test_jpeg_leaves_pale_letters_and_lines_as_ink() -> None:
    """Calmed by more than the noise, they would be worn off their fill."""
    page = Page(420, 220)
    for x, name in ((110, "check the order"), (310, "ship the goods")):
        page.write(x, 110, name, 11)
        page.line((x - 80, 60), (x + 80, 60), (x + 80, 160), (x - 80, 160), (x - 80, 60), width=1)
    fill = 190 - (255 - page.pixels.astype(np.int32)) * 50 // 255
    sheet = np.pad(fill, ((60, 60), (60, 60), (0, 0)), constant_values=255).astype(np.uint8)
    sheet[20:40, 60:300] = 0
    _, file = cv2.imencode(".jpg", sheet, [cv2.IMWRITE_JPEG_QUALITY, 60])
    again = np.asarray(cv2.imdecode(file, cv2.IMREAD_COLOR), np.uint8)
    calm = _calm(again, variation(again))[62:-62, 62:-62].astype(np.int32)
    drawn = np.abs(fill - 190).max(axis=2)[2:-2, 2:-2] >= INK
    assert (np.abs(calm - 190).max(axis=2) >= INK)[drawn].mean() > 0.6
