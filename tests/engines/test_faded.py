"""Scans that are grey in grey: what is drawn in them is found as if it were black on white."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from diagrasp.engines.embedded.picture import raster
from diagrasp.engines.embedded.picture.faded import stretched
from diagrasp.engines.embedded.scene import understand

Image = NDArray[np.uint8]


def scan(dark: float = 0.35, grain: float = 1.0) -> Image:
    """Three boxes in a column, joined by arrows, scanned: soft, of little contrast, a little grainy.

    Args:
        dark: how much darker than the paper ink is, as a share.
        grain: standard deviation of the noise, in levels.
    """
    clean = np.full((460, 320, 3), 255, np.uint8)
    for k, name in enumerate(("Receive", "Inspect", "Dispatch")):
        y = 30 + 145 * k
        cv2.rectangle(clean, (70, y), (250, y + 70), (0, 0, 0), 1)
        cv2.putText(clean, name, (105, y + 43), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (0, 0, 0), 2, cv2.LINE_AA)
        if k < 2:
            cv2.line(clean, (160, y + 70), (160, y + 135), (0, 0, 0), 1)
            head = np.array([[160, y + 144], [154, y + 130], [166, y + 130]])
            cv2.fillPoly(clean, [head], (0, 0, 0))
    soft = cv2.GaussianBlur(clean, (0, 0), 0.9).astype(np.float64)
    noise = np.random.default_rng(3).normal(0, grain, clean.shape[:2])[:, :, None]
    return np.asarray(np.clip(215 * (1 - dark * (1 - soft / 255)) + noise, 0, 255), np.uint8)


def test_what_a_faded_scan_shows_is_found() -> None:
    scene = understand(scan())
    assert [n.shape for n in scene.nodes] == ["process"] * 3
    assert len(scene.connectors) == 2


def test_without_stretching_it_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raster, "stretched", lambda rgb, spread: rgb)
    assert len(understand(scan()).connectors) < 2


def test_only_what_is_faded_and_hardly_grainy_is_stretched() -> None:
    for picture, faded in ((scan(), True), (scan(dark=0.95), False), (scan(grain=9.0), False)):
        assert (stretched(picture, raster.variation(picture)) is not picture) == faded
