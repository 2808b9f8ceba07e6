"""What one engine saw held against what another did.

Labels that the picture's text does not bear out are flagged, and so are symbols and connectors that only one has seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import Final, TypeVar

from diagrasp.model import Diagram, Edge, Group, Node

_Element = TypeVar("_Element", Node, Edge, Group)

SAME_WORD: Final = 0.72
"""Words read by two engines count as one at this similarity: a letter or two may be misread."""
ENOUGH: Final = 0.5
"""The share of a label's words that must be found."""
FEWEST: Final = 3
"""A draft of fewer words says nothing about the text of the picture."""
DOUBT: Final = 0.5
"""What the confidence of an element is multiplied by whose label is not found."""
ALONE: Final = 0.8
"""What that of an element is multiplied by which the other engine has not seen, though it has seen what is around."""
_NAMED: Final = 5
_WORD: Final = re.compile(r"[^\W_]+")
_TWINS: Final = str.maketrans("abcehkmoptxyё", "авсенкмортхуе")
"""Latin letters that look like Cyrillic ones: readers take one for the other."""


def grounded(diagram: Diagram, confidence: float, draft: Diagram | None) -> tuple[Diagram, float, list[str]]:
    """Hold a vision model's diagram against the embedded engine's draft of the same picture.

    Args:
        diagram: what the model said; elements may carry confidences.
        confidence: of the whole.
        draft: what the other engine read, None where there is nothing to go by.

    Returns:
        The diagram with doubtful elements' confidence lowered, the whole's confidence, and warnings.
    """
    known = _words(_labels(draft)) if draft else set()
    if draft is None or len(known) < FEWEST:
        return diagram, confidence, []
    doubtful: list[str] = []

    def judged(elements: Sequence[_Element]) -> tuple[_Element, ...]:
        found = []
        for each in elements:
            if _borne_out(each.label, known):
                found.append(each)
            else:
                doubtful.append(each.label)
                less = None if each.confidence is None else each.confidence * DOUBT
                found.append(each.replace(confidence=less))
        return tuple(found)

    nodes, edges, groups = judged(diagram.nodes), judged(diagram.edges), judged(diagram.groups)
    told = sum(1 for label in _labels(diagram) if label)
    warnings = []
    if doubtful:
        warnings.append(f"not found in the picture's text: {_named(doubtful)}")
        confidence *= 1 - (1 - DOUBT) * len(doubtful) / told
    nodes, alone = _lonely_nodes(nodes, draft.nodes, doubtful)
    edges, more, fewer = _lonely_edges(edges, diagram, draft)
    for told_by, what in (
        ("the embedded engine", _missed(draft.nodes, diagram.nodes) + fewer),
        ("the vision model", alone + more),
    ):
        if what:
            warnings.append(f"seen by {told_by} only: {_named(what)}")
    return diagram.replace(nodes=nodes, edges=edges, groups=groups), confidence, warnings


def _lonely_nodes(
    nodes: tuple[Node, ...], drafted: Sequence[Node], doubtful: Sequence[str]
) -> tuple[tuple[Node, ...], list[str]]:
    """The nodes, less sure where the draft has none of that label, and the labels of those; doubtful ones are told."""
    alone = [label for label in _missed(nodes, drafted) if label not in doubtful]
    return tuple(_less(node) if node.label in alone else node for node in nodes), alone


def _lonely_edges(
    edges: tuple[Edge, ...], diagram: Diagram, draft: Diagram
) -> tuple[tuple[Edge, ...], list[str], list[str]]:
    """The edges, less sure where only the model has seen them; those, and the ones that only the draft has, by name.

    Edges between nodes that both have are compared, no others.
    """
    pairs = _paired(draft.nodes, diagram.nodes)
    names = {node.id: node.label for node in diagram.nodes}
    both = set(pairs.values())
    said = {(edge.source, edge.target) for edge in edges if {edge.source, edge.target} <= both}
    drafted = {(pairs[e.source], pairs[e.target]) for e in draft.edges if e.source in pairs and e.target in pairs}

    def told(ends: Iterable[tuple[str, str]]) -> list[str]:
        order = {node.id: i for i, node in enumerate(diagram.nodes)}
        return [f"{names[a]} → {names[b]}" for a, b in sorted(ends, key=lambda ab: (order[ab[0]], order[ab[1]]))]

    alone = said - drafted
    less = tuple(_less(edge) if (edge.source, edge.target) in alone else edge for edge in edges)
    return less, told(alone), told(drafted - said)


def _paired(drafted: Sequence[Node], said: Sequence[Node]) -> dict[str, str]:
    """The draft's nodes that the answer has too, by their labels; labels that come twice tell nothing."""
    theirs, ours = _by_label(drafted), _by_label(said)
    pairs = {id: ours.pop(label) for label, id in theirs.items() if label in ours}
    for label, id in theirs.items():
        if id not in pairs:
            alike = next((other for other in ours if _similar(label, other)), None)
            if alike is not None:
                pairs[id] = ours.pop(alike)
    return pairs


def _by_label(nodes: Sequence[Node]) -> dict[str, str]:
    labels = [" ".join(_split(node.label)) for node in nodes]
    return {label: n.id for label, n in zip(labels, nodes, strict=True) if label and labels.count(label) == 1}


def _less(element: _Element) -> _Element:
    return element if element.confidence is None else element.replace(confidence=element.confidence * ALONE)


def _labels(diagram: Diagram) -> list[str]:
    edges = (edge.label for edge in diagram.edges)
    return [*(node.label for node in diagram.nodes), *edges, *(group.label for group in diagram.groups)]


def _words(labels: Iterable[str]) -> set[str]:
    return {word for label in labels for word in _split(label)}


def _split(label: str) -> list[str]:
    return [word for word in _WORD.findall(label.casefold().translate(_TWINS)) if len(word) > 1]


def _borne_out(label: str, known: set[str]) -> bool:
    words = _split(label)
    if not words:
        return True
    found = sum(word in known or any(_similar(word, other) for other in known) for word in words)
    return found / len(words) >= ENOUGH


def _similar(a: str, b: str) -> bool:
    if abs(len(a) - len(b)) > max(len(a), len(b)) * (1 - SAME_WORD) * 2:
        return False
    matcher = SequenceMatcher(None, a, b, autojunk=False)
    return matcher.real_quick_ratio() >= SAME_WORD and matcher.ratio() >= SAME_WORD


def _missed(drafted: Sequence[Node], said: Sequence[Node]) -> list[str]:
    """Labels of drafted nodes that no node of the answer has."""
    labels = [" ".join(_split(node.label)) for node in said]
    found = []
    for node in drafted:
        wanted = " ".join(_split(node.label))
        if wanted and not any(wanted in label or _similar(wanted, label) for label in labels):
            found.append(node.label)
    return found


def _named(labels: Sequence[str]) -> str:
    more = f" and {len(labels) - _NAMED} more" if len(labels) > _NAMED else ""
    return ", ".join(f"«{label[:40]}»" for label in labels[:_NAMED]) + more
