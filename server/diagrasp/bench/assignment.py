"""Two classics that the metric stands on, without packages that only a benchmark would need.

SciPy and RapidFuzz have both and are quicker, but SciPy alone weighs as much as the rest of diagrasp; a test compares
with them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Costs = NDArray[np.float64]


def assign(costs: Costs) -> list[tuple[int, int]]:
    """The pairs (row, column) of least total cost, one for every row or every column, whichever are fewer.

    Shortest augmenting paths with dual variables: D. F. Crouse, "On implementing 2D rectangular assignment
    algorithms", IEEE Transactions on Aerospace and Electronic Systems 52 (2016), 1679-1696.  O(n^3).  Of equal
    costs, the choice is the one that `scipy.optimize.linear_sum_assignment` makes.

    Args:
        costs: (R, C), finite.
    """
    if costs.shape[1] < costs.shape[0]:
        return sorted((row, column) for column, row in assign(np.ascontiguousarray(costs.T)))
    rows, columns = costs.shape
    u, v = np.zeros(rows), np.zeros(columns)
    row_of = np.full(columns, -1)
    column_of = np.full(rows, -1)
    for start in range(rows):
        shortest = np.full(columns, np.inf)
        before = np.full(columns, -1)
        open_ = np.arange(columns)[::-1].copy()  # backwards, so that equal costs give the identity
        reached = [start]
        lowest, row, sink = 0.0, start, -1
        while sink < 0:
            reach = lowest + costs[row, open_] - u[row] - v[open_]
            nearer = reach < shortest[open_]
            shortest[open_[nearer]] = reach[nearer]
            before[open_[nearer]] = row
            lowest = float(shortest[open_].min())
            ties = np.flatnonzero(shortest[open_] == lowest)
            free = ties[row_of[open_[ties]] < 0]
            at = int(free[-1] if len(free) else ties[0])
            column = int(open_[at])
            open_[at] = open_[-1]
            open_ = open_[:-1]
            if row_of[column] < 0:
                sink = column
            else:
                row = int(row_of[column])
                reached.append(row)
        u[start] += lowest
        for other in reached[1:]:
            u[other] += lowest - shortest[column_of[other]]
        closed = np.ones(columns, bool)
        closed[open_] = False
        v[closed] -= lowest - shortest[closed]
        column = sink
        while True:
            row = int(before[column])
            row_of[column] = row
            column_of[row], column = column, int(column_of[row])
            if row == start:
                break
    return list(enumerate(column_of.tolist()))


def distance(a: str, b: str) -> int:
    """The Levenshtein distance of two strings: insertions, deletions and replacements, each counting one.

    Columns of the table are bit vectors: G. Myers, "A fast bit-vector algorithm for approximate string matching based
    on dynamic programming", Journal of the ACM 46 (1999), 395-415, in H. Hyyrö's form for whole strings (2003).
    """
    if len(a) > len(b):
        a, b = b, a
    if not a:
        return len(b)
    where: dict[str, int] = {}
    for i, letter in enumerate(a):
        where[letter] = where.get(letter, 0) | 1 << i
    last = 1 << (len(a) - 1)
    mask = (last << 1) - 1
    up, down, found = mask, 0, len(a)
    for letter in b:
        equal = where.get(letter, 0)
        diagonal = (((equal & up) + up) ^ up) | equal | down
        more, less = down | ~(diagonal | up), up & diagonal
        if more & last:
            found += 1
        elif less & last:
            found -= 1
        more, less = (more << 1) | 1, less << 1
        up, down = (less | ~(diagonal | more)) & mask, more & diagonal & mask
    return found


def similarity(a: str, b: str) -> float:
    """1 - the distance over the longer string's length: 1 for equal strings, 0 for such as share nothing."""
    longer = max(len(a), len(b))
    return 1.0 - distance(a, b) / longer if longer else 1.0
