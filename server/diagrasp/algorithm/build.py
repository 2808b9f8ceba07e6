"""One part of a flow -> items.

Every node gets one place: in the arm of the one edge that leads to it, or after the node that immediately dominates it
(after the loop, where it lies outside of the loop that this node is in).  All other edges become jumps, most of which
`tidy` finds to be falling through.  This is the translation by dominator tree and reverse postorder of N. Ramsey,
"Beyond Relooper: Recursive Translation of Unstructured Control Flow to Structured Control Flow", ICFP 2022, with jumps
by number in place of blocks' labels, so that irreducible graphs need no copies of nodes.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagrasp.algorithm.flow import Flow, Out
from diagrasp.algorithm.graph import Loops, dominators, reverse_postorder
from diagrasp.algorithm.items import Arm, Branch, Do, Item, Jump, Loop, Parallel

MAX_DEPTH = 24
"""Arms and loops nested deeper than this are written after one another, joined by jumps."""

_Request = tuple[int, list[Item], int]


class Builder:
    """Builds the part that begins at an entry, of nodes that have no place yet."""

    def __init__(self, flow: Flow, entry: str, placed: set[str]) -> None:
        self.flow = flow

        def successors(id: str) -> list[str]:
            return [out.target for out in flow.outs[id] if out.target not in placed]

        self.ids = reverse_postorder(entry, successors)
        self.index = {id: i for i, id in enumerate(self.ids)}
        count = len(self.ids)
        predecessors: list[list[int]] = [[] for _ in range(count)]
        self.forward = [0] * count
        for i, id in enumerate(self.ids):
            for target in successors(id):
                j = self.index[target]
                predecessors[j].append(i)
                self.forward[j] += i < j
        self.idom = dominators(predecessors)
        self.loops = Loops(predecessors, self.idom)
        self.follows: list[list[int]] = [[] for _ in range(count)]
        self.after: dict[int, list[int]] = {header: [] for header in self.loops.headers}
        self.inline = [False] * count
        for j in range(1, count):
            parent = self.idom[j]
            left = self.loops.outermost_left(parent, j)
            if left >= 0:
                self.after[left].append(j)
            elif self.forward[j] == 1 and parent in predecessors[j]:
                self.inline[j] = True
            else:
                self.follows[parent].append(j)

    def build(self) -> list[Item]:
        """The items; nested by an explicit stack, so that depth is no matter."""
        body: list[Item] = []
        stack: list[Iterator[_Request]] = [self._emit(0, body, 0)]
        while stack:
            request = next(stack[-1], None)
            if request is None:
                stack.pop()
            else:
                stack.append(self._emit(*request))
        return body

    def _emit(self, at: int, out: list[Item], depth: int) -> Iterator[_Request]:
        id = self.ids[at]
        body = out
        if at in self.loops.headers and depth < MAX_DEPTH:
            loop = Loop(header=id)
            out.append(loop)
            body = loop.body
            depth += 1
        node = self.flow.nodes[id]
        role = self.flow.role(node)
        body.append(Do(id, " ".join(node.label.split()), role, self.flow.is_step(node)))
        outs = self.flow.outs[id]
        interrupts = [out for out in outs if out.interrupt]
        normal = [out for out in outs if not out.interrupt]
        late: list[int] = []
        if interrupts:
            branch = Branch(id, "interrupt", node.label)
            body.append(branch)
            for way in interrupts:
                yield from self._arm(at, way, branch.arms, depth, late)
            usual = Arm("", normal[0].target if len(normal) == 1 else "")
            branch.arms.append(usual)
            yield from self._ways(at, normal, usual.body, depth + 1, late)
        else:
            yield from self._ways(at, normal, body, depth, late)
        for j in late:
            yield j, body, depth
        for j in self.follows[at]:
            yield j, body, depth
        for j in self.after.get(at, ()):
            yield j, out, depth - 1 if body is not out else depth

    def _ways(self, at: int, outs: list[Out], body: list[Item], depth: int, late: list[int]) -> Iterator[_Request]:
        """What comes after a node: nothing, one way, or a branch."""
        if not outs:
            body.append(Jump("", "end"))
        elif len(outs) == 1:
            if outs[0].condition:  # a choice of one, so that its condition is told
                lone = Arm(outs[0].edge, outs[0].target, outs[0].condition, outs[0].default)
                body.append(Branch(self.ids[at], "exclusive", "", [lone]))
            yield from self._way(at, outs[0], body, depth)
        else:
            id = self.ids[at]
            node = self.flow.nodes[id]
            label = " ".join(node.label.split())
            split: Branch | Parallel
            if self.flow.forks(node, outs):
                split = Parallel(id)
            elif node.shape == "inclusive_gateway":
                split = Branch(id, "inclusive", label)
            else:
                split = Branch(id, "event" if id in self.flow.awaiting else "exclusive", label)
            body.append(split)
            for way in outs:
                yield from self._arm(at, way, split.arms, depth, late)

    def _arm(self, at: int, way: Out, arms: list[Arm], depth: int, late: list[int]) -> Iterator[_Request]:
        arm = Arm(way.edge, way.target, way.condition, way.default)
        arms.append(arm)
        j = self._inline(at, way)
        if depth >= MAX_DEPTH and j is not None:
            arm.body.append(Jump(way.target))
            late.append(j)
        else:
            yield from self._way(at, way, arm.body, depth + 1)

    def _way(self, at: int, way: Out, body: list[Item], depth: int) -> Iterator[_Request]:
        j = self._inline(at, way)
        if j is not None:
            yield j, body, depth
        else:
            body.append(Jump(way.target))

    def _inline(self, at: int, way: Out) -> int | None:
        """The target's number where it has its place on this very edge."""
        j = self.index.get(way.target)
        return j if j is not None and self.inline[j] and self.idom[j] == at else None
