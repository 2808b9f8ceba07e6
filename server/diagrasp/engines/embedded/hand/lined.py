"""Ruled lines followed across a page that is tilted or bent, broken by what is written on them.

Seen in one column of a photograph, a ruled line is a short run of ink, and the next column has it a little higher or
lower.  Runs are followed from column to column; the ways that keep one distance from their neighbours are ruled lines,
and where a drawing hides one, its neighbours tell where it runs.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.picture.raster import Mask

COLUMNS = 64
"""Columns of a page at which its lines are sought."""
STEEP = 0.2
"""Rise of a line over its length at most."""
BENDS = 0.06
"""How much that changes from one column to the next."""
HIDDEN = 8
"""Columns in a row in which a line may be hidden."""
LONG, THROUGH, FEWEST = 0.25, 0.45, 7
"""Least length of a line, that of the third longest, as shares of the page's width, and the fewest lines."""
SEEN = 0.5
"""Share of the columns along a line in which it is seen."""
EVENLY, VOTES = 0.2, 0.6
"""How far a distance is from a whole number of steps, in steps, and the share of the lines near by at such ones."""
NEIGHBOURS = 3.4
"""Distance, in steps, within which lines vote."""
NEAR = 0.12
"""How far ink is from where its line is expected, in steps."""
MISSING = 12
"""Lines in a row that may be hidden all along."""
FAINT = 0.3
"""Share of its columns in which a line beyond the outermost one is seen at least."""
MOST = 200
"""Lines beyond which a picture is noise."""
STRAY = 1.5
"""Pixels that a run may lie beside where its line goes on, beside what the line may bend by."""
THICK = 2.0
"""Thickness of a run, over the usual one, beyond which it is no ruled line but a stroke along it."""
ALIKE = 0.12
"""How far a distance is from another that counts as the same, as a share of it."""
NEXT = 0.65, 1.5
"""Distances between two lines, in usual steps, that may be one step: nearer the camera it is wider."""
AROUND = 5.0
"""Usual steps around a line within which neighbours' steps tell its own."""
ENDS = 20, 80
"""Percentiles of the lines' ends that are the page's sides: drawings cut some short, others run on beyond the page."""

Places = NDArray[np.float64]


@dataclass
class _Way:
    """A line on its way through the page: the columns where it was seen and its places there, its slope at the end."""

    columns: list[int]
    places: list[float]
    slope: float

    @property
    def span(self) -> int:
        return self.columns[-1] - self.columns[0] + 1


def followed(runs: Mask) -> tuple[Mask, int]:
    """(H, W) bool: where ruled lines are expected, and how many there are; nothing and 0 where there is no such family.

    Args:
        runs: (H, W) bool, level runs of ink.
    """
    nothing = np.zeros(runs.shape, bool)
    width = runs.shape[1]
    at = np.linspace(0, width - 1, COLUMNS).round().astype(int)
    seen = _seen(runs[:, at])
    if np.median([len(s) for s in seen]) < FEWEST - 1:
        return nothing, 0
    pitch = (width - 1) / (COLUMNS - 1)
    ways = [w for w in _ways(seen, pitch) if w.span >= LONG * COLUMNS and len(w.columns) >= SEEN * w.span]
    if not FEWEST <= len(ways) <= MOST:
        return nothing, 0
    grid = _grid(ways)
    step = _step(grid)
    if step is None:
        return nothing, 0
    apart = _apart(grid)
    steps = _steps(apart, step)
    even = _even(apart, steps)
    grid, steps = grid[even], steps[even]
    spans = np.sort((~np.isnan(grid)).sum(axis=1))
    if len(grid) < FEWEST or spans[-3] < THROUGH * COLUMNS:
        return nothing, 0
    near = max(2, round(NEAR * step))
    rows = _filled(grid, steps, seen, near)
    out = np.zeros(runs.shape, np.uint8)
    for row in rows:
        known = ~np.isnan(row)
        points = np.stack([at[known].astype(float), row[known]], axis=1)
        cv2.polylines(out, [np.rint(points).astype(np.int32)], False, 1, 2 * near + 1)
    return out > 0, len(rows)


def _seen(columns: Mask) -> list[Places]:
    """The middle of every run of ink in each column, without the thick ones."""
    edges = np.diff(np.pad(columns.astype(np.int8), ((1, 1), (0, 0))), axis=0)
    column, starts = np.nonzero(edges.T == 1)
    ends = np.nonzero(edges.T == -1)[1]
    thick = ends - starts
    thin = thick <= THICK * np.median(thick) + 1 if len(thick) else thick > 0
    middle = 0.5 * (starts + ends - 1)
    return [middle[thin & (column == k)] for k in range(columns.shape[1])]


def _ways(seen: list[Places], pitch: float) -> list[_Way]:
    """Runs followed from column to column, each to the nearest one ahead of it."""
    done: list[_Way] = []
    live: list[_Way] = []
    for k, places in enumerate(seen):
        free = np.ones(len(places), bool)
        for way in sorted(live, key=lambda w: -len(w.columns)):
            gap = k - way.columns[-1]
            if not len(places):
                break
            ahead = way.places[-1] + way.slope * gap * pitch
            first = len(way.columns) < 3
            stray = STRAY + (STEEP if first else BENDS) * pitch * min(gap, 3)
            far = np.where(free, np.abs(places - ahead), np.inf)
            best = int(far.argmin())
            if far[best] > stray:
                continue
            free[best] = False
            way.columns.append(k)
            way.places.append(float(places[best]))
            tail = slice(max(0, len(way.columns) - 6), None)
            xs, ys = np.array(way.columns[tail], float), np.array(way.places[tail])
            way.slope = float(np.polyfit(xs, ys, 1)[0]) / pitch
        ended = [w for w in live if k - w.columns[-1] > (HIDDEN if len(w.columns) >= 4 else 2)]
        done += ended
        live = [w for w in live if not any(w is e for e in ended)]
        live += [_Way([k], [float(y)], _usual(live)) for y in places[free]]
    return done + live


def _usual(live: list[_Way]) -> float:
    """The slope of the lines that were followed farthest."""
    firm = [w.slope for w in live if len(w.columns) >= 4]
    return float(np.median(firm)) if firm else 0.0


def _grid(ways: list[_Way]) -> Places:
    """(N, COLUMNS): each way's place in every column it spans, NaN beyond its ends."""
    out = np.full((len(ways), COLUMNS), np.nan)
    for row, way in zip(out, ways, strict=True):
        span = np.arange(way.columns[0], way.columns[-1] + 1)
        row[span] = np.interp(span, way.columns, way.places)
    return out


def _step(grid: Places) -> float | None:
    """The distance between neighbouring lines that most have; None where they have none in common."""
    gaps = np.concatenate([np.diff(np.sort(column[~np.isnan(column)])) for column in grid.T])
    gaps = gaps[gaps > 4]
    if not len(gaps):
        return None
    tries = np.unique(np.round(gaps))
    alike = np.array([(np.abs(gaps - t) <= ALIKE * t).sum() for t in tries])
    best = float(tries[int(alike.argmax())])
    return float(np.median(gaps[np.abs(gaps - best) <= ALIKE * best]))


def _apart(grid: Places) -> Places:
    """(N, N) the usual distance between two lines; infinity where no column has both."""
    out = np.full((len(grid), len(grid)), np.inf)
    known = ~np.isnan(grid)
    for i, row in enumerate(grid):
        for j in range(i):
            both = known[i] & known[j]
            if both.any():
                out[i, j] = out[j, i] = float(np.median(np.abs(row[both] - grid[j][both])))
    return out


def _steps(apart: Places, step: float) -> Places:
    """(N,) the distance between neighbours around each line: nearer the camera it is wider."""
    like = np.where((apart >= NEXT[0] * step) & (apart <= NEXT[1] * step), apart, np.nan)
    away = np.abs(like - step)
    own = np.full(len(apart), np.nan)
    for i, row in enumerate(away):
        if not np.isnan(row).all():
            own[i] = like[i, int(np.nanargmin(row))]
    out = np.full(len(apart), step)
    for i, row in enumerate(apart):
        around = own[(row <= AROUND * step) | (np.arange(len(own)) == i)]
        around = around[~np.isnan(around)]
        out[i] = float(np.median(around)) if len(around) else step
    return out


def _even(apart: Places, steps: Places) -> NDArray[np.bool_]:
    """(N,) bool: which lines lie a whole number of steps from most others near by."""
    far = apart / steps[:, None]
    near = far <= NEIGHBOURS
    whole = np.round(np.where(near, far, 0.0))
    good = near & (np.abs(np.where(near, far, 9.0) - whole) <= EVENLY) & (whole >= 1)
    return np.asarray((near.sum(axis=1) > 0) & (good.sum(axis=1) >= VOTES * near.sum(axis=1)))


def _filled(grid: Places, steps: Places, seen: list[Places], near: float) -> list[Places]:
    """The lines led on to the page's sides, those hidden all along, and those beyond the outermost ones.

    Args:
        grid: (N, COLUMNS) the lines' places.
        steps: (N,) the distance between neighbours around each.
        seen: the runs in each column.
        near: how far a run is from where its line is expected, in pixels at most.
    """
    first, last = _sides(grid)
    grid = _led_on(grid, first, last)
    order = np.argsort([float(np.median(row[first : last + 1][~np.isnan(row[first : last + 1])])) for row in grid])
    rows = _with_hidden(grid[order], steps[order])
    return [*rows, *_beyond(rows[0], rows[1], seen, near), *_beyond(rows[-1], rows[-2], seen, near)]


def _beyond(outer: Places, inner: Places, seen: list[Places], near: float) -> list[Places]:
    """The lines beyond the outermost one, as far apart as it is from the next, as long as something is seen of them."""
    out: list[Places] = []
    for n in range(1, MISSING):
        line = outer + n * (outer - inner)
        if _share_seen(line, seen, near) < FAINT:
            break
        out.append(line)
    return out


def _led_on(grid: Places, first: int, last: int) -> Places:
    """(N, COLUMNS): the lines led on from the first to the last of the page's columns, by their neighbours' slopes."""
    slopes = [[float(s) for s in column if not np.isnan(s)] for column in np.diff(grid, axis=1).T]
    usual = np.array([np.median(s) if s else 0.0 for s in slopes])
    out = grid.copy()
    for row in out:
        known = np.flatnonzero(~np.isnan(row))
        for k in range(known[0] - 1, first - 1, -1):
            row[k] = row[k + 1] - usual[k]
        for k in range(known[-1] + 1, last + 1):
            row[k] = row[k - 1] + usual[k - 1]
    return out


def _with_hidden(grid: Places, steps: Places) -> list[Places]:
    """The lines, from above, and evenly between two of them those for which a gap of some steps has room."""
    rows: list[Places] = []
    for k in range(len(grid) - 1):
        rows.append(grid[k])
        gap = grid[k + 1] - grid[k]
        many = round(float(np.median(gap[~np.isnan(gap)])) / (0.5 * (steps[k] + steps[k + 1])))
        if 2 <= many <= MISSING:
            rows += [grid[k] + gap * n / many for n in range(1, many)]
    return [*rows, grid[-1]]


def _share_seen(row: Places, seen: list[Places], near: float) -> float:
    """The share of a line's columns in which there is a run where it is expected."""
    known = np.flatnonzero(~np.isnan(row))
    found = sum(bool(len(seen[k])) and float(np.abs(seen[k] - row[k]).min()) <= near for k in known)
    return found / max(1, len(known))


def _sides(grid: Places) -> tuple[int, int]:
    """The columns in which the page begins and ends: where most lines have begun, and few have ended."""
    spans = [np.flatnonzero(~np.isnan(row)) for row in grid]
    return int(np.percentile([s[0] for s in spans], ENDS[0])), int(np.percentile([s[-1] for s in spans], ENDS[1]))
