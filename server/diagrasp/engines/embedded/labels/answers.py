"""Labels weighed against one another: a connector has one, and each way out of a decision has its own.

What is nearest is settled first (`labels.share`); here a second label of one connector goes to another one close by
that has none, and so does a label out of reach where a decision's other answers show whose it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.drawing import Scene
from diagrasp.engines.embedded.lines.paths import away
from diagrasp.engines.embedded.picture.rect import Rect

T = TypeVar("T")

WORDS = frozenset(
    {"да", "нет", "yes", "no", "true", "false", "истина", "ложь", "ja", "nein", "oui", "non", "sí", "si", "ok"}
)
"""Answers that are whole labels: two of them one above the other are two labels."""
DEARER = 0.45
"""How much dearer, in the costs of `labels`, the other connector may be."""
ANSWER = 0.95
"""The same between two ways out of one decision."""
ROOM = 0.8
"""How much dearer another symbol may be for a name that makes room for one that has no other."""
FAR = 4.0
"""Letter heights from a decision, and from its connector, at most where a label is its answer."""
ASKED = 6.0
"""Letter heights between a decision and the question that it asks at most."""
SHARED = 0.6
"""Letter heights by which a part of a line that others share is taken to be farther off."""


def shared_parts(scene: Scene, paths: list[NDArray[np.float64]]) -> list[NDArray[np.bool_]]:
    """Where each path runs along with another one from the same place: a label there may be the other's.

    Args:
        paths: (N, 2) points, half a letter height apart, of each connector.
    """
    letter = scene.sheet.letter
    out = [np.zeros(len(p), bool) for p in paths]
    starts: dict[int, list[int]] = defaultdict(list)
    for i, c in enumerate(scene.connectors):
        starts[c.source].append(i)
    for group in starts.values():
        for i in group:
            for j in group:
                if i != j:
                    gaps = np.abs(paths[i][:, None] - paths[j][None]).max(axis=2)
                    out[i] |= gaps.min(axis=1) <= 0.6 * letter
    return [np.zeros(len(s), bool) if s.all() else s for s in out]


def is_answer(said: str) -> bool:
    """Whether a text is nothing but an answer."""
    return said.strip(" .,:;()[]").casefold() in WORDS


def spread(owner: dict[int, int], costs: dict[tuple[int, int], float], fixed: set[int]) -> None:
    """Give all but the nearest label of each connector to others that have none and are hardly farther off.

    Args:
        owner: the connector of each label, by their positions; changed in place.
        costs: of each label and each connector close to it.
        fixed: labels that stay where they are.
    """
    while True:
        held: dict[int, list[int]] = defaultdict(list)
        for k, i in owner.items():
            held[i].append(k)
        moves = [
            (cost - costs[k, i], k, j)
            for i, labels in held.items() if len(labels) > 1
            for k in labels if k not in fixed and k != min(labels, key=lambda k: costs[k, i])
            for (other, j), cost in costs.items()
            if other == k and j not in held and cost - costs[k, i] <= DEARER
        ]  # fmt: skip
        if not moves:
            return
        _, k, j = min(moves)
        owner[k] = j


def make_room(
    given: dict[int, list[T]], found: list[T], costs: dict[tuple[int, int], float], done: set[int]
) -> set[int]:
    """Give names that found their symbol taken that symbol, where the taker has another one that has no name.

    Args:
        given: the names of each symbol, by its position; changed in place.
        found: all names.
        costs: of each name, by its position, at each symbol within reach.
        done: the names that belong to something already.

    Returns:
        The names that have got a place.
    """
    placed: set[int] = set()
    for _, k, i in sorted((cost, k, i) for (k, i), cost in costs.items() if k not in done and i in given):
        taker = next((j for j, block in enumerate(found) if block is given[i][0]), None)
        if k in placed or taker is None or (taker, i) not in costs:
            continue
        free = [(cost, j) for (t, j), cost in costs.items() if t == taker and j not in given]
        if free and min(free)[0] - costs[taker, i] <= ROOM:
            given[min(free)[1]], given[i] = [found[taker]], [found[k]]
            placed.add(k)
    return placed


def answer(scene: Scene, boxes: dict[int, Rect], owner: dict[int, int], paths: list[NDArray[np.float64]]) -> None:
    """Give labels beside a decision, second ones and such that name nothing, to its ways out that have none.

    Args:
        boxes: of labels that are words or two, by their positions.
        owner: the connector of each label that has one; changed in place.
    """
    letter = scene.sheet.letter
    for _, node, outs in _decisions(scene):
        while True:
            held: dict[int, list[int]] = defaultdict(list)
            for k, i in owner.items():
                held[i].append(k)
            free = [j for j in outs if j not in held]
            doubled = {k: i for i in outs for k in held.get(i, []) if len(held[i]) > 1}
            moves = []
            for k, box in boxes.items():
                if (k in owner and k not in doubled) or box.apart(node) > FAR * letter:
                    continue
                limit = ANSWER / 0.35 + away(paths[doubled[k]], box).min() / letter if k in doubled else FAR
                for j in free:
                    far = float(away(paths[j], box).min()) / letter
                    if far <= min(limit, FAR):
                        moves.append((far, k, j))
            if not moves:
                break
            _, k, j = min(moves)
            owner[k] = j


def question(scene: Scene, boxes: dict[int, Rect], owner: dict[int, int], named: set[int]) -> dict[int, int]:
    """Questions on connectors that a decision without a name asks: what is written on its way in or out answers none.

    Args:
        boxes: of labels that are questions, by their positions.
        owner: the connector of each label that has one.
        named: nodes, by position, that have a name.

    Returns:
        The decision, by position, of each label that names one.
    """
    letter = scene.sheet.letter
    decisions = {number - 1: box for number, box, _ in _decisions(scene) if number - 1 not in named}
    offers = sorted(
        (box.apart(decisions[end - 1]), k, end - 1)
        for k, box in boxes.items() if k in owner
        for end in (scene.connectors[owner[k]].source, scene.connectors[owner[k]].target)
        if end - 1 in decisions and box.apart(decisions[end - 1]) <= ASKED * letter
    )  # fmt: skip
    given: dict[int, int] = {}
    for _, k, i in offers:
        if k not in given and i not in given.values():
            given[k] = i
    return given


def _decisions(scene: Scene) -> Iterator[tuple[int, Rect, list[int]]]:
    """Decisions with several ways out: their numbers, their boxes, and the connectors by position."""
    for number, node in enumerate(scene.nodes, 1):
        outs = [i for i, c in enumerate(scene.connectors) if c.source == number != c.target]
        if node.shape in ("decision", "hexagon") and len(outs) > 1:
            yield number, node.outline.box, outs
