"""Order, dominators and loops of a flow graph whose nodes are 0..n-1 in reverse postorder, 0 the entry.

Dominators: K. D. Cooper, T. J. Harvey, K. Kennedy, "A Simple, Fast Dominance Algorithm", 2001.
Loops: P. Havlak, "Nesting of Reducible and Irreducible Loops", TOPLAS 19(4), 1997, of which the natural loops only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence


def reverse_postorder(entry: str, successors: Callable[[str], Sequence[str]]) -> list[str]:
    """The nodes reachable from the entry, each before its successors but for retreating edges; arms in their order."""
    seen = {entry}
    order: list[str] = []
    stack = [(entry, iter(reversed(successors(entry))))]
    while stack:
        node, rest = stack[-1]
        for other in rest:
            if other not in seen:
                seen.add(other)
                stack.append((other, iter(reversed(successors(other)))))
                break
        else:
            order.append(node)
            stack.pop()
    order.reverse()
    return order


def dominators(predecessors: Sequence[Iterable[int]]) -> list[int]:
    """The immediate dominator of each node; the entry's is itself."""
    count = len(predecessors)
    idom = [-1] * count
    idom[0] = 0
    changed = True
    while changed:
        changed = False
        for node in range(1, count):
            new = -1
            for other in predecessors[node]:
                if idom[other] < 0:
                    continue
                if new < 0:
                    new = other
                    continue
                left, right = other, new
                while left != right:
                    while left > right:
                        left = idom[left]
                    while right > left:
                        right = idom[right]
                new = left
            if idom[node] != new:
                idom[node] = new
                changed = True
    return idom


class Loops:
    """The natural loops and how they nest.

    Attributes:
        headers: of the loops.
        inner: for each node the header of the innermost loop that holds it (a header's own), or -1.
        outer: for each header the header of the loop around its own, or -1.
    """

    def __init__(self, predecessors: Sequence[Sequence[int]], idom: Sequence[int]) -> None:
        count = len(predecessors)
        first, last = _intervals(idom)
        self.inner = [-1] * count
        self.outer: dict[int, int] = {}
        collapsed = list(range(count))  # union-find: a node -> the header of the outermost loop found so far

        def find(node: int) -> int:
            root = node
            while collapsed[root] != root:
                root = collapsed[root]
            while collapsed[node] != root:
                collapsed[node], node = root, collapsed[node]
            return root

        for header in range(count - 1, -1, -1):
            sources = [
                p for p in predecessors[header] if p >= header and first[header] <= first[p] and last[p] <= last[header]
            ]
            if not sources:
                continue
            self.outer[header] = -1
            self.inner[header] = header
            work = [find(s) for s in sources]
            body: set[int] = set()
            while work:
                node = work.pop()
                if node == header or node in body:
                    continue
                body.add(node)
                work.extend(find(p) for p in predecessors[node])
            for node in body:
                collapsed[node] = header
                if node in self.outer:
                    self.outer[node] = header
                else:
                    self.inner[node] = header
        self.headers = set(self.outer)
        self._depth: dict[int, int] = {}
        for header in sorted(self.outer):  # an outer header comes first in reverse postorder
            around = self.outer[header]
            self._depth[header] = 0 if around < 0 else self._depth[around] + 1

    def outermost_left(self, source: int, target: int) -> int:
        """The header of the outermost loop that holds the source and not the target, or -1."""
        left, at = self.inner[source], self.inner[target]
        found = -1
        while left != at:
            if at >= 0 and (left < 0 or self._depth[at] > self._depth[left]):
                at = self.outer[at]
            elif left >= 0 and (at < 0 or self._depth[left] > self._depth[at]):
                found, left = left, self.outer[left]
            else:
                found, left, at = left, self.outer[left], self.outer[at]
        return found


def _intervals(idom: Sequence[int]) -> tuple[list[int], list[int]]:
    """For each node the interval of its subtree in the dominator tree: a dominates b where b's lies in a's."""
    count = len(idom)
    children: list[list[int]] = [[] for _ in range(count)]
    for node in range(1, count):
        children[idom[node]].append(node)
    first, last = [0] * count, [0] * count
    clock = 0
    stack = [(0, False)]
    while stack:
        node, done = stack.pop()
        if done:
            last[node] = clock
            continue
        clock += 1
        first[node] = clock
        stack.append((node, True))
        stack.extend((child, False) for child in children[node])
    return first, last
