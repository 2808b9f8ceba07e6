"""Drawings by hand and their photographs: the truth tells where the ink is, also after a tilt."""

from __future__ import annotations

import random
from dataclasses import replace

import font_roboto
import numpy as np
import pytest

from diagrasp.engines.embedded.picture.camera import on_paper
from diagrasp.model import Box, Diagram
from diagrasp_train.generate import ink, sketch
from diagrasp_train.generate.beside import decorate_bpmn
from diagrasp_train.generate.photograph import PAPERS, Camera, photograph
from diagrasp_train.generate.process import Looks, random_process, write

HAND = ink.Hand((str(font_roboto.RobotoLight),), 28.0, 2.0, 0.006, 0.7, "loose", 12.0)
CAMERA = Camera("plain", (40, 40, 60), 40.0, 0.2, 0.4, 3.0, 0.0, 0.04, 0.6, 85)


def process(seed: int) -> Diagram:
    rng = random.Random(seed)
    looks = Looks(
        kind="bpmn", shapes=("task",), decision="exclusive_gateway", start="start_event", end="end_event",
        ends="events", groups="lane", joins=True,
    )  # fmt: skip
    made = random_process(rng, "en", 7, lanes=2)
    return decorate_bpmn(rng, write(rng, made, looks), made)


def window(picture: np.ndarray, box: Box) -> np.ndarray:
    x, y, w, h = (round(v) for v in box)
    return picture[max(0, y - 3) : y + h + 4, max(0, x - 3) : x + w + 4]


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_a_process_by_hand_has_its_ink_where_the_truth_says(seed: int) -> None:
    diagram = process(seed)
    picture, truth = sketch.draw(diagram, HAND, random.Random(seed))
    assert [(n.id, n.label, n.shape) for n in truth.nodes] == [(n.id, n.label, n.shape) for n in diagram.nodes]
    assert (picture == sketch.draw(diagram, HAND, random.Random(seed))[0]).all()
    for node in truth.nodes:
        assert node.box is not None
        assert (window(picture, node.box) < 128).mean() > 0.02
    for group in truth.groups:
        if group.box is not None:
            x, y, _, h = (round(v) for v in group.box)
            assert (picture[y : y + h, x : x + 48] < 128).mean() > 0.01  # its upright title
    for edge in truth.edges:
        near = [picture[max(0, round(y) - 9) : round(y) + 10, max(0, round(x) - 9) : round(x) + 10].min()
                for x, y in edge.path or ()]  # fmt: skip
        assert max(near, default=0) < 128 or not near


@pytest.mark.parametrize("paper", PAPERS)
def test_a_photograph_moves_the_truth_with_the_tilt(paper: str) -> None:
    drawn, truth = sketch.draw(process(2), HAND, random.Random(2))
    seen, moved = photograph(drawn, truth, replace(CAMERA, paper=paper), random.Random(5))
    assert on_paper(seen)
    assert any(a.box != b.box for a, b in zip(truth.nodes, moved.nodes, strict=True))
    grey = seen.astype(int).min(axis=2)
    for node in moved.nodes:
        assert node.box is not None
        around = window(grey, node.box)
        assert np.percentile(around, 1) < 0.6 * np.percentile(around, 80)


def test_the_page_behind_shows_through_faintly() -> None:
    drawn, truth = sketch.draw(process(2), HAND, random.Random(2))
    still = replace(CAMERA, tilt=0.0, grain=0.0, shadow=0.0)
    plain, _ = photograph(drawn, truth, still, random.Random(5))
    through, _ = photograph(drawn, truth, replace(still, behind=0.1), random.Random(5))
    lost = plain.astype(int) - through.astype(int)
    assert 3 < np.percentile(lost, 99.5) < 60
