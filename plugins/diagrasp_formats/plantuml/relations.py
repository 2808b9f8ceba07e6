"""The parts of a relation in PlantUML's class diagrams: its arrow, its ends, what its text says."""

from __future__ import annotations

import re

from diagrasp.model import Head

HEADS: dict[str, Head] = {
    "": "none", ">": "arrow", ">>": "arrow", "|>": "triangle", "||>": "triangle", "^": "triangle",
    "*": "filled_diamond",
    "o": "diamond", "+": "circle", "@": "circle", "0": "circle", "0)": "circle", "(": "circle", ")": "circle",
    "(0": "circle", "x": "cross", "#": "none", "||": "one", "{": "many", "o|": "zero_or_one", "o{": "zero_or_many",
    "|{": "one_or_many",
}  # fmt: skip
MIRROR = {"<": ">", ">": "<", "{": "}", "}": "{", "(": ")", ")": "("}
FEET = frozenset({"one", "many", "zero_or_one", "zero_or_many", "one_or_many"})
BLANK = " \t\n"
ARROW = re.compile(
    r"(.*?)([-.=~]+(?:\[[^\]]*\])?(?:left|right|up|down|le|ri|do|[lrud])?(?:\[[^\]]*\])?[-.=~]*)([^-.=~]*)"
)


def told_by(text: str) -> tuple[str, str, str, bool]:
    """The text of a relation: what stands at its beginning, its label, what stands at its end, and whether the label
    has a direction to be read in: `"1" places > "*"`.
    """
    text = text.strip(BLANK)
    first = last = ""
    if text.startswith('"') and (end := text.find('"', 1)) > 0:
        if end == len(text) - 1:
            return "", text[1:-1].strip(BLANK), "", False
        first, text = text[1:end], text[end + 1 :].strip(BLANK)
    if text.endswith('"') and (start := text.rfind('"', 0, -1)) >= 0:
        last, text = text[start + 1 : -1], text[:start].strip(BLANK)
    before = text[:1] == "<" and (len(text) == 1 or text[1] in BLANK)
    after = text[-1:] == ">" and (len(text) == 1 or text[-2] in BLANK)
    return first, text[before : len(text) - after].strip(BLANK), last, before or after
