"""Reliability and its error, on numbers that can be counted by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagrasp.bench.calibration import Bin, expected_error, reliability
from diagrasp.bench.report import percentile


def test_bins_hold_what_was_said_and_what_was_right() -> None:
    bins = reliability([(0.8, 1.0), (0.84, 0.0), (1.0, 1.0), (0.0, 1.0)], bins=5)
    assert bins[1:4] == [None, None, None]
    assert bins[0] == Bin(1, 0.0, 1.0)
    assert bins[4] == Bin(3, pytest.approx(0.88), pytest.approx(2 / 3))
    assert expected_error(bins) == pytest.approx((1 * 1.0 + 3 * (0.88 - 2 / 3)) / 4)
    assert expected_error(reliability([])) is None


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1))
def test_every_pair_is_in_one_bin(pairs: list[tuple[float, float]]) -> None:
    bins = reliability(pairs)
    assert sum(one.count for one in bins if one) == len(pairs)
    error = expected_error(bins)
    assert error is not None
    assert 0 <= error <= 1


@given(st.lists(st.floats(0, 100), min_size=1), st.floats(0.01, 1))
def test_so_many_values_do_not_exceed_the_percentile(values: list[float], share: float) -> None:
    found = percentile(values, share)
    assert found in values
    assert sum(v <= found for v in values) >= share * len(values)
    assert sum(v < found for v in values) < share * len(values)
