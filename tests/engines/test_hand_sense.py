"""What connectors by hand say together, and what is no connector: pieces of outlines."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from diagrasp.engines.embedded.hand.sense import as_it_flows, with_whole_outlines
from diagrasp.engines.embedded.hand.symbols import fit_by_hand
from diagrasp.engines.embedded.lines.connectors import Connector
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.symbols.find import Symbol
from diagrasp.engines.embedded.symbols.outlines import Outline
from diagrasp.engines.embedded.symbols.shapes import Fit

CLEAR, OPEN = 0.95, 0.1


def symbols(*shapes: str) -> list[Symbol]:
    out = []
    for k, shape in enumerate(shapes):
        box = Rect(100, 100 * k, 200, 100 * k + 50)
        out.append(Symbol(Outline(1, box, np.ones((50, 100), np.uint8), Fit(shape, 0.95), 5000), shape, 3))
    return out


def line(source: int, target: int, sure: float = CLEAR, *, head: bool = True, tail: bool = False) -> Connector:
    path = np.array([[float(source), 0.0], [float(target), 0.0]])
    return Connector(source, target, path, head, tail, False, sure)


def pairs(connectors: list[Connector]) -> set[tuple[int, int]]:
    for c in connectors:  # the path goes with the direction
        assert (c.path[0, 0], c.path[-1, 0]) == (c.source, c.target)
    return {(c.source, c.target) for c in connectors}


def test_a_doubtful_connector_leaves_no_step_without_an_entry() -> None:
    nodes = symbols("ellipse", "process", "process", "ellipse")
    found = as_it_flows([line(2, 1, OPEN), line(2, 3), line(3, 4)], nodes)
    assert pairs(found) == {(1, 2), (2, 3), (3, 4)}


def test_a_clear_head_is_believed_whatever_the_rest_says() -> None:
    nodes = symbols("ellipse", "process", "process", "ellipse")
    found = as_it_flows([line(2, 1), line(2, 3), line(3, 4)], nodes)
    assert pairs(found) == {(2, 1), (2, 3), (3, 4)}


def test_two_doubtful_connectors_in_a_row_are_turned_together() -> None:
    """Either alone would leave the step between them without an entry or an exit."""
    nodes = symbols("ellipse", "decision", "process", "process", "ellipse")
    seen = [line(1, 2), line(2, 3), line(2, 5), line(4, 3, OPEN), line(2, 4, OPEN)]
    assert pairs(as_it_flows(seen, nodes)) == {(1, 2), (2, 3), (2, 5), (3, 4), (4, 2)}


def test_a_decision_has_two_ways_out() -> None:
    nodes = symbols("ellipse", "decision", "process", "ellipse")
    seen = [line(1, 2), line(2, 3), line(3, 2), line(4, 2, OPEN)]
    assert (2, 4) in pairs(as_it_flows(seen, nodes))


@pytest.mark.parametrize("shape", ["process", "ellipse"])
def test_where_nothing_is_gained_a_doubtful_connector_stays(shape: str) -> None:
    nodes = symbols("ellipse", shape, "ellipse")
    seen = [line(1, 2, OPEN), line(2, 3, OPEN)]
    assert pairs(as_it_flows(seen, nodes)) == {(1, 2), (2, 3)}


def test_lines_without_heads_have_no_direction_to_doubt() -> None:
    nodes = symbols("ellipse", "process", "process")
    seen = [line(2, 1, OPEN, head=False), line(2, 3, OPEN, head=False)]
    assert [id(c) for c in as_it_flows(seen, nodes)] == [id(c) for c in seen]


def test_a_loop_without_a_clear_head_is_a_piece_of_an_outline() -> None:
    loop = line(2, 2)
    rest = [line(2, 2, OPEN), line(2, 2, tail=True), line(2, 2, head=False)]
    other = line(1, 2, OPEN)
    _, kept = with_whole_outlines(symbols("process", "process"), [other, loop, *rest])
    assert [id(c) for c in kept] == [id(other), id(loop)]


@pytest.mark.parametrize(
    ("xs", "shape"), [((199, 230, 199), "document"), ((101, 70, 101), "process"), ((199, 330, 199), "process")]
)
def test_a_box_that_goes_on_beyond_its_right_side_is_a_document(xs: tuple[int, ...], shape: str) -> None:
    nodes = symbols("process", "process")
    path = np.array([*zip(xs, (110, 120, 130), strict=True)], float)
    (first, second), kept = with_whole_outlines(nodes, [Connector(2, 2, path, False, False, False, 0.0)])
    assert (first.shape, second.shape, kept) == ("process", shape, [])


@pytest.mark.parametrize(("angle", "shape"), [(0, "ellipse"), (14, "ellipse"), (-22, "ellipse")])
def test_an_oval_may_stand_askew(angle: int, shape: str) -> None:
    canvas = np.zeros((300, 300), np.uint8)
    cv2.ellipse(canvas, (150, 150), (110, 55), angle, 0, 360, 1, -1)
    assert fit_by_hand(_cut(canvas), 20.0).shape == shape


def test_a_diamond_with_a_corner_lost_is_no_oval() -> None:
    canvas = np.zeros((300, 300), np.uint8)
    cv2.fillConvexPoly(canvas, np.array([[150, 90], [235, 150], [150, 210], [70, 160], [75, 140]]), 1)
    assert fit_by_hand(_cut(canvas), 20.0).shape == "decision"


def _cut(canvas: NDArray[np.uint8]) -> NDArray[np.uint8]:
    ys, xs = np.nonzero(canvas)
    return np.ascontiguousarray(canvas[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1])
