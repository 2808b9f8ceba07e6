"""The parts of a step: its condition and action, its end, the arms that its sub-steps tell."""

from __future__ import annotations

import re

from diagrasp_formats.steps import phrases
from diagrasp_formats.steps.lines import Item
from diagrasp_formats.steps.phrases import tidy


def role_before(text: str) -> re.Match[str] | None:
    """`Manager: ` at the beginning of a step."""
    found = phrases.ROLE_BEFORE.match(text)
    if found is None or phrases.NO_ROLE.match(text) or phrases.OUTCOME.match(found.group(1)):
        return None
    return found


def condition(text: str) -> tuple[str, str]:
    """`If A, then B` -> A, B; empty where it is no condition."""
    if (on := phrases.ON.match(text)) is not None and phrases.JUMP.search(tidy(text)):
        return tidy(text[: on.end("what")]), text[on.end() :].strip(" ,:")
    word = phrases.IF.match(text)
    if word is None:
        return "", ""
    rest = text[word.end() :]
    for mark in (phrases.THEN, phrases.COLON, phrases.COMMA):
        if (cut := mark.search(rest)) is not None and cut.start():
            return tidy(rest[: cut.start()]), rest[cut.end() :].strip(" :")
    if (jump := phrases.JUMP.search(tidy(rest))) is not None and jump.start():
        return tidy(rest[: jump.start()]), jump.group()
    return tidy(rest), ""


def is_else(item: Item) -> bool:
    """Whether a line begins with `else`."""
    return phrases.ELSE.match(item.text.strip()) is not None


def upto_else(children: list[Item]) -> tuple[list[Item], list[Item]]:
    """The sub-steps of a condition, and from an `else` on that belongs to it and to no condition among them."""
    open_ = False
    for i, child in enumerate(children):
        if is_else(child):
            if not open_:
                return children[:i], children[i:]
        else:
            open_ = bool(condition(child.text.strip())[0])
    return children, []


def ending(text: str) -> str | None:
    """What is done before the end that a statement tells; None where it tells none."""
    if phrases.END.match(text):
        return ""
    for cut in list(re.finditer(r"\s*(?:,|;|\bи\b|\band\b|\bзатем\b|\bthen\b)\s+", text, re.IGNORECASE))[-3:]:
        if phrases.END.match(text[cut.end() :]):
            return text[: cut.start()]
    return None


def arms(text: str, children: list[Item]) -> list[tuple[str, str, Item]] | None:
    """The arms of a choice told by sub-steps: answers, conditions, or cases; None where they are ordinary steps."""
    answers = [phrases.ANSWER.match(child.text.strip()) for child in children]
    if all(answers):
        return [(m.group("said"), m.group("what").strip(), c) for m, c in zip(answers, children, strict=True) if m]
    conditions = [condition(child.text.strip()) for child in children]
    told = all(asked or is_else(child) for (asked, _), child in zip(conditions, children, strict=True))
    if told and len(children) > 1 and conditions[0][0]:
        told_arms = []
        for (asked, action), child in zip(conditions, children, strict=True):
            if asked:
                told_arms.append((asked, action, child))
            else:
                word = phrases.ELSE.match(child.text.strip())
                told_arms.append(("", child.text.strip()[word.end() :] if word else "", child))
        return told_arms
    cases = [phrases.CASE.match(child.text.strip()) for child in children]
    outcomes = all(m and phrases.OUTCOME.match(m.group("said").strip()) for m in cases)
    if len(children) > 1 and all(cases) and (outcomes or phrases.CHOICE.search(text) or text.endswith("?")):
        return [(tidy(m.group("said")), m.group("what").strip(), c) for m, c in zip(cases, children, strict=True) if m]
    return None
