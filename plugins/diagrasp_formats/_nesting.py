"""A diagram's groups in the order in which a text format nests them, without recursion: they may be nested deeply."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterator
from typing import NamedTuple

from diagrasp.model import Diagram, Group, Node

DEEPEST = 16  # levels that are indented; deeper ones would make a source grow with the square of its depth


class Visit(NamedTuple):
    """A group opened or closed; the diagram itself is the one without a group, and is only opened.

    `outer` indents the group's own lines, `inner` its content. `nodes` are its own ones, none where it is closed.
    """

    group: Group | None
    nodes: list[Node]
    outer: str
    inner: str
    closing: bool = False


def nesting(
    diagram: Diagram, indent: str, depth: int = 0, *, without: Container[str] = (), level: Container[str] = ()
) -> Iterator[Visit]:
    """All groups from the diagram down: each opened before and closed after what it holds.

    Args:
        indent: what one level is indented by.
        depth: the level of the diagram's own nodes.
        without: ids of nodes that are left out.
        level: ids of groups whose content is not indented.
    """
    nodes: dict[str | None, list[Node]] = defaultdict(list)
    groups: dict[str | None, list[Group]] = defaultdict(list)
    for node in diagram.nodes:
        if node.id not in without:
            nodes[node.group].append(node)
    for each in diagram.groups:
        groups[each.parent].append(each)
    stack: list[tuple[Group | None, int, bool]] = [(None, depth, False)]
    while stack:
        group, at, closing = stack.pop()
        within = at if group is None or group.id in level else at + 1
        outer, inner = indent * min(at, DEEPEST), indent * min(within, DEEPEST)
        if closing:
            yield Visit(group, [], outer, inner, closing=True)
            continue
        if group is not None:
            stack.append((group, at, True))
        key = group.id if group is not None else None
        stack.extend((child, within, False) for child in reversed(groups[key]))
        yield Visit(group, nodes[key], outer, inner)
