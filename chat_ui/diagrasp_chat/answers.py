"""Answers to questions about a diagram, out of its graph alone.  Text is Markdown, labels escaped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from diagrasp_chat.graph import ENDS, STARTS, Condition, Graph, Node, Way
from diagrasp_chat.intents import Question
from diagrasp_chat.render import bullets, escape, quote
from diagrasp_chat.texts import Language, count, say

CLOSE_ENOUGH = 0.5


def answer(question: Question, graph: Graph, language: Language) -> str:
    """The answer to a question, or a line that says why there is none."""
    if question.topic == "count":
        return _count(question, graph, language)
    if question.topic in _WHOLE:
        return _WHOLE[question.topic](graph, language)
    if not graph.numbers:
        return say(language, "no_step_list")
    topic = question.topic
    if topic == "role_steps":
        if not question.number and (role := find_role(graph, question.about)):
            return _role_steps(graph, role, language)
        topic = "describe"
    if question.number:
        node = graph.step(question.number)
        if node is None:
            last = graph.numbers[graph.steps[-1].id]
            return say(language, "no_such_step", number=question.number, last=last)
    else:
        node = find_node(graph, question.about)
        if node is None:
            return say(language, "no_match")
    return _about_node(topic, graph, node, language)


def find_node(graph: Graph, words: str) -> Node | None:
    """The step or decision whose label fits the words best, inflection aside; None where none fits well."""
    wanted = _stems(words)
    if not wanted:
        return None
    best, best_score = None, 0.0
    for node in graph.nodes.values():
        stems = _stems(node.label)
        if not stems:
            continue
        hits = sum(any(_alike(a, b) for b in stems) for a in wanted)
        cover = sum(any(_alike(a, b) for a in wanted) for b in stems)
        score = (hits / len(wanted) + cover / len(stems)) / 2 + (0.05 if graph.is_step(node) else 0.0)
        if hits and score > best_score:
            best, best_score = node, score
    return best if best_score >= CLOSE_ENOUGH else None


def find_role(graph: Graph, words: str) -> str | None:
    """The role that the words name."""
    wanted = _stems(words)
    for role in graph.roles:
        stems = _stems(role)
        if stems and all(any(_alike(a, b) for a in wanted) for b in stems):
            return role
    for role in graph.roles:
        if any(_alike(a, b) for a in wanted for b in _stems(role)):
            return role
    return None


Case = Literal["nominative", "genitive", "dative", "instrumental"]


def named(graph: Graph, node: Node, language: Language, case: Case = "nominative") -> str:
    """`step 3 “Check stock”` in the grammatical case wanted, or what stands for a node that is no step."""
    label = f" {quote(node.label, language)}" if node.label else ""
    if node.shape in ENDS:
        return say(language, "ends", label=label)
    if node.shape in STARTS:
        return say(language, "starts", label=label)
    if number := graph.numbers.get(node.id):
        return say(language, f"step_{case}", number=escape(number)) + label
    return label.strip() or say(language, "unlabelled")


def _about_node(topic: str, graph: Graph, node: Node, language: Language) -> str:
    if topic == "who":
        if node.role:
            return _capital(say(language, "who_step", step=named(graph, node, language), role=escape(node.role)))
        return _capital(say(language, "who_nobody", step=named(graph, node, language)))
    if topic == "next":
        name = named(graph, node, language, "genitive")
        ways = graph.next(node)
        if not ways:
            return say(language, "after_nothing", step=name)
        return say(language, "after", step=name) + "\n" + bullets(way_line(graph, way, language) for way in ways)
    if topic in ("previous", "when"):
        ways = graph.previous(node)
        case: Case = "dative" if topic == "when" else "instrumental"
        name = named(graph, node, language, case)
        if topic == "when" and not any(way.conditions for way in ways):
            return _capital(say(language, "when_always", step=name))
        if not ways:
            return say(language, "before_nothing", step=name)
        head = _capital(say(language, "when" if topic == "when" else "before", step=name))
        return head + "\n" + bullets(way_line(graph, way, language) for way in ways)
    parts = [_capital(named(graph, node, language))]
    if node.role:
        parts.append(say(language, "step_role", role=f"**{escape(node.role)}**"))
    return ", ".join(parts) + ".\n\n" + _about_node("next", graph, node, language)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def way_line(graph: Graph, way: Way, language: Language) -> str:
    """A way in one line: the conditions, what is passed, where it ends."""
    parts = [text for condition in way.conditions if (text := condition_text(condition, language))]
    parts += [say(language, "via", label=quote(label, language)) for label in way.through]
    prefix = ", ".join(parts)
    return f"{prefix}: {named(graph, way.node, language)}" if prefix else named(graph, way.node, language)


def condition_text(condition: Condition, language: Language) -> str:
    """`if “Complete?” — yes`."""
    if condition.default and not condition.answer:
        return say(language, "otherwise")
    both = [quote(condition.question, language) if condition.question else "", escape(condition.answer)]
    text = " — ".join(filter(None, both))
    return say(language, "if", condition=text) if condition.answer else ""


def _count(question: Question, graph: Graph, language: Language) -> str:
    numbers = {
        "step": len(graph.numbers),
        "decision": len(graph.decisions),
        "role": len(graph.roles),
        "arrow": len(graph.edges),
        "element": len(graph.nodes),
    }
    noun = question.noun or "step"
    if noun == "step" and question.about and (role := find_role(graph, question.about)):
        own = sum(node.role == role for node in graph.steps)
        return f"**{escape(role)}**: {count(language, own, 'step')}."
    return say(language, "counts", counts=count(language, numbers[noun], noun))


def _roles(graph: Graph, language: Language) -> str:
    if not graph.roles:
        return say(language, "no_roles")
    return say(language, "roles", roles=", ".join(f"**{escape(role)}**" for role in graph.roles))


def _role_steps(graph: Graph, role: str, language: Language) -> str:
    own = [node for node in graph.steps if node.role == role]
    if not own:
        return say(language, "role_nothing", role=escape(role))
    return say(language, "role_steps", role=escape(role)) + "\n" + bullets(named(graph, node, language) for node in own)


def _conditions(graph: Graph, language: Language) -> str:
    lines: list[str] = []
    for decision in graph.decisions:
        title = quote(decision.label, language) if decision.label else say(language, "unlabelled")
        lines.append(f"- {title}")
        for condition, ways in graph.arms(decision):
            answer = (
                say(language, "otherwise") if condition.default and not condition.answer else escape(condition.answer)
            )
            ends = "; ".join(way_line(graph, way, language) for way in ways) or "…"
            lines.append(f"  - {answer or '…'} → {ends}")
    return say(language, "conditions") + "\n" + "\n".join(lines) if lines else say(language, "no_conditions")


def _start(graph: Graph, language: Language) -> str:
    return _edge_of_graph(graph, graph.entries(), "start", "no_start", language, forward=True)


def _end(graph: Graph, language: Language) -> str:
    return _edge_of_graph(graph, graph.exits(), "end", "no_end", language, forward=False)


def _edge_of_graph(
    graph: Graph, nodes: Sequence[Node], some: str, none: str, language: Language, *, forward: bool
) -> str:
    lines: list[str] = []
    for node in nodes:
        event = f" ({escape(node.label)})" if node.label and not graph.is_step(node) else ""
        ways = [Way(node)] if graph.is_step(node) else (graph.next(node) if forward else graph.previous(node))
        lines += [way_line(graph, way, language) + event for way in ways]
    return say(language, some) + "\n" + bullets(dict.fromkeys(lines)) if lines else say(language, none)


def _loops(graph: Graph, language: Language) -> str:
    pairs = graph.returns()
    if not pairs:
        return say(language, "no_loops")
    lines = (f"{named(graph, a, language)} → {named(graph, b, language)}" for a, b in pairs)
    return say(language, "loops") + "\n" + bullets(dict.fromkeys(lines))


_WHOLE = {"roles": _roles, "conditions": _conditions, "start": _start, "end": _end, "loops": _loops}


def _stems(text: str) -> list[str]:
    words = "".join(ch if ch.isalnum() else " " for ch in text.casefold().replace("ё", "е")).split()
    return [word for word in words if len(word) > 2 or word.isdigit()] or words


def _alike(one: str, other: str) -> bool:
    """Whether two words are forms of one: Russian and English inflect at the end."""
    if one == other:
        return True
    shorter = min(len(one), len(other))
    if shorter < 4:
        return False
    common = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        common += 1
    return common >= max(4, round(shorter * 0.65))
