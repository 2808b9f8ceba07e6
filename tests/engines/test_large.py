"""Large drawings: what is left out or made coarser for the sake of time and memory is not missed."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import cv2
import numpy as np
import pytest
from paper import Page

from diagrasp.engines.embedded.bpmn.rings import find_rings
from diagrasp.engines.embedded.lines.connectors import Connector
from diagrasp.engines.embedded.picture import raster
from diagrasp.engines.embedded.picture.raster import Sheet, prepare_twice
from diagrasp.engines.embedded.sequence import find
from diagrasp.engines.embedded.sequence.lifelines import Column
from diagrasp.engines.embedded.sequence.lines import Stroke
from diagrasp.engines.embedded.uml.adornments import distinct


def sheet_of(ink: np.ndarray[Any, Any], letter: float) -> Sheet:
    """As much of a sheet as rings are looked for in."""
    return cast(Sheet, SimpleNamespace(ink=ink, letter=letter))


def test_of_many_rings_all_are_found() -> None:
    drawn = np.zeros((2500, 2500), np.uint8)
    places = [(x, y) for y in range(80, 2480, 160) for x in range(80, 2480, 170)]
    for k, (x, y) in enumerate(places):
        if k % 2:
            cv2.circle(drawn, (x, y), 12, 1, 2)
        else:
            corners = np.array([(x - 14, y), (x, y - 14), (x + 14, y), (x, y + 14)])
            cv2.polylines(drawn, [corners.reshape(-1, 1, 2)], True, 1, 2)
    found = find_rings(sheet_of(drawn > 0, 4.2))
    assert len(found) == len(places) > 200
    for k, (x, y) in enumerate(places):
        (ring,) = [f for f in found if abs(f.x - x) < 3 and abs(f.y - y) < 3]
        assert ring.round == bool(k % 2)


def test_a_drawing_as_large_as_may_be_is_taken_apart_once(monkeypatch: pytest.MonkeyPatch) -> None:
    page = Page(1000, 600)
    for x in (100, 400, 700):
        page.symbol("process", x + 100, 250, "check the order")
    done: list[object] = []
    whole = raster._find_flats

    def counted(*given: Any) -> Any:
        done.append(None)
        return whole(*given)

    monkeypatch.setattr(raster, "_find_flats", counted)
    monkeypatch.setattr(raster, "MAX_AREA", 60_000)
    plain, larger = prepare_twice(page.pixels)
    assert larger() is plain
    assert len(done) == 1
    assert plain.ink.size == pytest.approx(60_000, rel=0.01)
    assert plain.scale == pytest.approx((60_000 / 600_000) ** 0.5, rel=0.01)
    assert len({int(plain.regions[int(250 * plain.scale), int((x + 20) * plain.scale)]) for x in (100, 400, 700)}) == 3


def test_level_lines_are_messages_only_where_they_go_from_lifeline_to_lifeline() -> None:
    columns = [Column(x, [Stroke(x, 100, 2000, 2, 1.0)]) for x in (100.0, 500.0)]
    messages = [Stroke(200.0 + 100 * k, 102, 498, 2, 1.0) for k in range(5)]
    others = [Stroke(130.0 + 10 * k, 600, 900, 2, 1.0) for k in range(150)]
    assert find._sparse(messages + others, columns, 10.0)
    assert not find._sparse(messages + others[:90], columns, 10.0)
    assert not find._sparse(messages[:1] + others[:60], columns, 10.0)  # too few to tell


@pytest.mark.parametrize("letter", [6.0, 14.0])
def test_one_line_found_twice_is_one_however_long_it_is(letter: float) -> None:
    way = np.stack([np.arange(6000.0), np.full(6000, 50.0)], axis=1)
    down = np.array([0.0, 3 * letter])
    aside = way + down
    bent = np.vstack([way[:4000], way[4000:] + down])
    shifted = way.copy()
    shifted[:700, 1] += 0.5 * letter  # around one side of a head, and around the other
    connectors = [Connector(1, 2, path, True, False, False, 1.0) for path in (way, aside, bent, shifted)]
    kept = distinct(connectors, letter)
    assert {id(c) for c in kept} == {id(connectors[0]), id(connectors[1]), id(connectors[2])}
    assert len(distinct([connectors[0], replace(connectors[3], target=3)], letter)) == 2
