"""What is told of a benchmark: tables in Markdown, or everything as JSON."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from statistics import fmean
from typing import Any

from diagrasp.bench.calibration import BINS, Bin, Pair, expected_error, reliability
from diagrasp.bench.metric import Score
from diagrasp.bench.run import Result, Run

FIGURES = tuple(each.name for each in fields(Score))
ORDINARY = 2.0
"""Megapixels up to which a picture's time is told apart too: large ones take longer by their area."""


def means(results: Iterable[Result]) -> dict[str, float | None]:
    """The mean of every figure over the diagrams that have it."""
    scores = [r.score for r in results]
    out: dict[str, float | None] = {}
    for name in FIGURES:
        values = [value for each in scores if (value := getattr(each, name)) is not None]
        out[name] = fmean(values) if values else None
    return out


def grouped(results: Iterable[Result], column: str) -> dict[str, list[Result]]:
    """Results by what a column of the index says of them."""
    rows: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        rows[result.case.columns.get(column) or "?"].append(result)
    return dict(sorted(rows.items()))


def percentile(values: Sequence[float], share: float) -> float:
    """The least value that at least `share` of all do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def text(run: Run, by: Sequence[str] = (), worst: int = 0) -> str:
    """The report as it is printed."""
    parts = [_table("all", {"all": list(run.results)})]
    parts += [_table(column, grouped(run.results, column)) for column in by]
    parts.append(_cost(run))
    pairs = run.confidences()
    if any(pairs.values()):
        parts.append(_reliability(pairs))
    if worst:
        parts.append(_worst(run.results, worst))
    if run.failed:
        parts.append(f"{run.failed} of {len(run.results)} pictures have no answer and count as zero.")
    return "\n\n".join(part for part in parts if part)


def _table(title: str, rows: Mapping[str, Sequence[Result]]) -> str:
    body = []
    for name, results in rows.items():
        found = means(results)
        body.append([name, str(len(results)), *("-" if v is None else f"{v:.3f}" for v in found.values())])
    return _markdown([title, "n", *FIGURES], body)


def _cost(run: Run) -> str:
    seconds = [r.seconds for r in run.results if r.seconds is not None]
    if not seconds:
        return ""

    def cells(values: Sequence[float]) -> list[str]:
        return [f"{percentile(values, share):.2f}" for share in (0.5, 0.95, 1.0)]

    memory = "-" if run.memory is None else f"{run.memory / 1e6:,.0f}"
    startup = "-" if run.startup is None else f"{run.startup:.2f}"
    body = [[run.engine, *cells(seconds), startup, memory]]
    ordinary = _ordinary(run)
    if 0 < len(ordinary) < len(seconds):
        body.append([f"{len(ordinary)} up to {ORDINARY:g} megapixels", *cells(ordinary), "", ""])
    return _markdown(["engine", "p50 s", "p95 s", "max s", "first s", "peak MB"], body)


def _ordinary(run: Run) -> list[float]:
    """Seconds of the pictures of ordinary size."""
    return [
        r.seconds for r in run.results
        if r.seconds is not None and r.megapixels is not None and r.megapixels <= ORDINARY
    ]  # fmt: skip


def _reliability(pairs: Mapping[str, Sequence[Pair]]) -> str:
    """Bins of confidence side by side, and the expected calibration error below."""
    bins = {name: reliability(values) for name, values in pairs.items()}
    head = ["confidence"]
    for name in bins:
        head += [name, "said", "right"]
    body = []
    for i in range(BINS):
        if any(one[i] for one in bins.values()):
            body.append([f"{i / BINS:.1f} to {(i + 1) / BINS:.1f}"])
            for one in bins.values():
                body[-1] += _bin(one[i])
    errors = [(len(pairs[name]), expected_error(one)) for name, one in bins.items()]
    body.append(["ECE"])
    for count, error in errors:
        body[-1] += [str(count), "", "-" if error is None else f"{error:.3f}"]
    return _markdown(head, body)


def _bin(one: Bin | None) -> list[str]:
    return ["", "", ""] if one is None else [str(one.count), f"{one.confidence:.2f}", f"{one.right:.2f}"]


def _worst(results: Sequence[Result], count: int) -> str:
    chosen = sorted(results, key=lambda r: (r.share, r.case.name))[:count]
    body = []
    for r in chosen:
        values = [getattr(r.score, name) for name in FIGURES]
        body.append([r.case.name, *("-" if v is None else f"{v:.2f}" for v in values)])
    return _markdown(["worst", *FIGURES], body)


def _markdown(head: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    """A table whose columns are also aligned where it is read as plain text."""
    width = [max(len(row[i]) for row in (head, *body)) for i in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        first, *others = (
            cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(cells, width, strict=True))
        )
        return f"| {' | '.join([first, *others])} |"

    rule = "|".join(["-" * (width[0] + 2), *("-" * (w + 1) + ":" for w in width[1:])])
    return "\n".join([line(head), f"|{rule}|", *map(line, body)])


def data(run: Run, by: Sequence[str] = ()) -> dict[str, Any]:
    """Everything, ready for JSON."""
    seconds = [r.seconds for r in run.results if r.seconds is not None]
    ordinary = _ordinary(run)
    shares = {"p50": 0.5, "p95": 0.95, "max": 1.0}
    calibration = {}
    for name, pairs in run.confidences().items():
        bins = reliability(pairs)
        calibration[name] = {"ece": expected_error(bins), "bins": [None if b is None else asdict(b) for b in bins]}
    return {
        "engine": run.engine,
        "models": list(run.models),
        "pictures": len(run.results),
        "failed": run.failed,
        "figures": means(run.results),
        "by": {
            column: {k: {"n": len(v), **means(v)} for k, v in grouped(run.results, column).items()} for column in by
        },
        "seconds": {name: percentile(seconds, share) for name, share in shares.items()} if seconds else None,
        "seconds_up_to_2_megapixels": (
            {name: percentile(ordinary, share) for name, share in shares.items()} if ordinary else None
        ),
        "startup_seconds": run.startup,
        "peak_memory_bytes": run.memory,
        "calibration": calibration,
        "results": [
            {
                "name": r.case.name,
                **r.case.columns,
                **asdict(r.score),
                "share": r.share,
                "seconds": r.seconds,
                "megapixels": r.megapixels,
                "confidence": r.confidence,
                "error": r.error or None,
            }
            for r in run.results
        ],
    }
