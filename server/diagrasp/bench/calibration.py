"""How far confidences mean what they say.

A confidence is calibrated where, of all elements given 0.8, eight of ten are right.  Elements are sorted into bins of
confidence; the expected calibration error (ECE) is the mean distance between the bins' mean confidence and their
share of right elements, weighted by size (M. P. Naeini, G. F. Cooper and M. Hauskrecht, "Obtaining well calibrated
probabilities using Bayesian binning", AAAI 2015; C. Guo et al., "On calibration of modern neural networks", ICML 2017).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

BINS = 10

Pair = tuple[float, float]
"""A confidence, and what was right: 0 or 1 for an element, the share for a whole diagram."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Elements of like confidence: how many, their mean confidence, and the share of them that is right."""

    count: int
    confidence: float
    right: float


def reliability(pairs: Iterable[Pair], bins: int = BINS) -> list[Bin | None]:
    """The bins of a reliability diagram, None where one is empty; bin i holds confidences from i / bins on."""
    sorted_: list[list[Pair]] = [[] for _ in range(bins)]
    for confidence, right in pairs:
        sorted_[min(bins - 1, int(confidence * bins))].append((confidence, right))
    return [Bin(len(one), fmean(c for c, _ in one), fmean(r for _, r in one)) if one else None for one in sorted_]


def expected_error(bins: Sequence[Bin | None]) -> float | None:
    """The expected calibration error, 0..1; None where there is no element."""
    full = [one for one in bins if one is not None]
    total = sum(one.count for one in full)
    return sum(one.count * abs(one.confidence - one.right) for one in full) / total if total else None
