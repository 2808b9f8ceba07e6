"""What a file says beside the graph: texts, conditions, times, performers, vendors' additions."""

from __future__ import annotations

from diagrasp.xmltree import Tag
from diagrasp_formats._html import squeeze

_WORDS = {
    "documentation": "documentation", "script": "script", "conditionExpression": "condition", "condition": "condition",
    "activationCondition": "condition", "timeDate": "time", "timeDuration": "time", "timeCycle": "time",
    "loopCondition": "condition of the loop", "loopCardinality": "number of instances",
    "completionCondition": "condition of completion", "resourceRole": "performer", "performer": "performer",
    "humanPerformer": "performer", "potentialOwner": "performer",
}  # fmt: skip
_AROUND = frozenset({"standardLoopCharacteristics", "multiInstanceLoopCharacteristics"})
_ROLES = frozenset({"resourceRole", "performer", "humanPerformer", "potentialOwner"})


def details(tag: Tag, label: str) -> list[str]:
    """What an element says in words that the graph has no place for, unless its label says the same."""
    found: dict[str, None] = {}
    inner = [t for t in tag.children if t.name.endswith("EventDefinition") or t.name in _AROUND]
    for child in (c for part in (tag, *inner) for c in part.children):
        word = _WORDS.get(child.name)
        text = squeeze(child.full_text())
        if word and (child.name in _ROLES or (text and text != label)):
            found[word] = None
    return list(found)


def additions(root: Tag) -> int:
    """How many elements of the file carry additions of a vendor."""
    return sum(t.name == "extensionElements" and bool(t.children) for t in root.walk())
