"""Ordinary instructions, as people write them in Russian and English -> a flowchart with lanes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from diagrasp.errors import ParseError
from diagrasp.model import Diagram, Edge, Group, Node, Shape
from diagrasp_formats._common import Losses
from diagrasp_formats.steps import phrases
from diagrasp_formats.steps.clauses import arms, condition, ending, role_before, upto_else
from diagrasp_formats.steps.lines import MAX_DEPTH, Item, read_lines
from diagrasp_formats.steps.phrases import risen, tidy

_Ends = list[tuple[str, str]]
"""Nodes whose way on is still open, each with the label that its next edge gets."""


@dataclass(slots=True)
class _Open:
    """A run of steps on one level: the open ends, and those kept aside while a choice is told.

    Attributes:
        other: the ends that an `else` goes on from; None where there is no choice to which it could belong.
        aside: the ends of the arms told before.
    """

    ends: _Ends
    other: _Ends | None = None
    aside: _Ends = field(default_factory=list)

    def close(self) -> _Ends:
        """All ends, the choice being over."""
        self.ends = self.aside + self.ends + (self.other or [])
        self.other, self.aside = None, []
        return self.ends


class InstructionReader:
    """One reading."""

    def __init__(self, losses: Losses) -> None:
        self.losses = losses
        self.nodes: list[Node] = []
        self.edges: list[Edge] = []
        self.lanes: dict[str, str] = {}
        self.numbers: dict[str, str] = {}
        self.moved: dict[str, str] = {}
        self.waiting: list[tuple[int, str, int]] = []
        self.pending: list[str] = []
        self.prefixed = False
        self.russian = False
        self.last = ""
        self.depth = 0
        self.line = 1

    def read(self, text: str) -> Diagram:
        """Raises ParseError."""
        title, items = read_lines(text, self.losses)
        self.russian = bool(re.search("[а-яА-Я]", text))
        self.prefixed = self._prefixes(items) > 1
        self._run(items, [], "")
        dead: set[int] = set()
        for index, target, line in self.waiting:
            to = self._goal(target)
            if to is None:
                raise ParseError(f"there is no step {target} to go to", line=line)
            if to == "":
                dead.add(index)
            else:
                self.edges[index] = self.edges[index].replace(target=to)
        edges = tuple(edge for i, edge in enumerate(self.edges) if i not in dead)
        groups = tuple(Group(id=id, label=label, kind="lane") for label, id in self.lanes.items())
        return Diagram(title=title or None, nodes=tuple(self.nodes), edges=edges, groups=groups)

    def _goal(self, number: str) -> str | None:
        """The node of a step; a step that only jumps stands for where it goes to, `""` for a circle of those."""
        seen: set[str] = set()
        while number not in self.numbers:
            if number in seen:
                return ""
            seen.add(number)
            if number not in self.moved:
                return None
            number = self.moved[number]
        return self.numbers[number]

    def _prefixes(self, items: list[Item]) -> int:
        count, stack = 0, list(items)
        while stack:
            item = stack.pop()
            count += role_before(item.text) is not None and bool(item.number)
            stack.extend(item.children)
        return count

    # nodes and edges

    def _node(self, shape: Shape, label: str, ends: _Ends, role: str) -> str:
        id = f"n{len(self.nodes) + 1}"
        if role and role not in self.lanes:
            self.lanes[role] = f"lane{len(self.lanes) + 1}"
        self.nodes.append(Node(id=id, label=label, shape=shape, group=self.lanes.get(role)))
        self.edges += [Edge(source=source, target=id, label=said) for source, said in ends]
        for number in self.pending:
            self.numbers.setdefault(number, id)
        self.pending = []
        return id

    def _goto(self, target: str, ends: _Ends, line: int) -> _Ends:
        for number in self.pending:
            self.moved.setdefault(number, target)
        self.pending = []
        for source, said in ends:
            self.waiting.append((len(self.edges), target, line))
            self.edges.append(Edge(source=source, target=source, label=said))  # the target is known at the end
        return []

    @property
    def _sides(self) -> tuple[str, str]:
        return ("да", "нет") if self.russian else ("yes", "no")

    # runs of steps

    def _run(self, items: list[Item], ends: _Ends, role: str) -> _Ends:
        here = _Open(ends)
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ParseError(f"the steps nest deeper than {MAX_DEPTH}", line=self.line)
        for i, item in enumerate(items):
            self.line = item.line
            text, who = self._who(item, role)
            if item.number:
                self.pending.append(item.number)
            otherwise = phrases.ELSE.match(text)
            if otherwise is not None and here.other is not None:
                self._else(here, item, text[otherwise.end() :].strip(), who)
                if not item.children and not text[otherwise.end() :].strip():  # `else:` alone: all that follows
                    here.ends = self._run(items[i + 1 :], here.ends, role)
                    break
                continue
            if otherwise is not None:
                text = text[otherwise.end() :].strip()
            here.close()
            self._statements(here, item, text, who)
        self.depth -= 1
        return here.close()

    def _who(self, item: Item, role: str) -> tuple[str, str]:
        """A step's text, and who does it."""
        text, who = item.text.strip(), item.role or role
        if (after := phrases.ROLE_AFTER.search(text)) is not None:
            who = tidy(after.group(1) or after.group(2))
            text = text[: after.start()] + (":" if after.group().rstrip().endswith(":") else "")
        elif self.prefixed and (before := role_before(text)) is not None:
            who = before.group(1)
            text = text[before.end() :]
        if not who and (phrases.IF.match(text) or phrases.ELSE.match(text)):
            who = self.last  # who did the step before decides
        self.last = who
        return text, who

    def _else(self, here: _Open, item: Item, text: str, role: str) -> None:
        """What follows `else`: another condition, an action, or the lines below."""
        here.aside += here.ends
        here.ends, here.other = here.other or [], None
        if text.rstrip(":").strip():
            self._statements(here, item, text, role)
        else:
            here.ends = self._run(item.children, here.ends, role)

    def _statements(self, here: _Open, item: Item, text: str, role: str) -> None:
        """A step's sentences one after another; its sub-steps belong to the last."""
        parts = [part for part in phrases.SENTENCE.split(text) if part.strip()]
        for i, part in enumerate(parts or [text]):
            last = i == len(parts) - 1 or not parts
            children = item.children if last else []
            part = part.strip()
            otherwise = phrases.ELSE.match(part)
            if i and otherwise is not None and here.other is not None:
                here.aside += here.ends
                here.ends, here.other = here.other, None
                self._deed(here, part[otherwise.end() :], children, role, item.line)
                continue
            if i:
                here.close()
            if self._conditional(here, part, children, role, item.line):
                continue
            self._deed(here, part, children, role, item.line)

    # conditions

    def _conditional(self, here: _Open, text: str, children: list[Item], role: str, line: int) -> bool:
        parts = phrases.ELSE_INSIDE.split(text, maxsplit=1)
        asked, action = condition(parts[0])
        if not asked:
            return False
        test = self._node("decision", asked, here.ends, role)
        yes, no = self._sides
        inner, rest = upto_else(children)
        here.ends = [(test, yes)]
        if action:
            self._deed(here, action, inner, role, line)
            here.close()
        else:
            here.ends = self._run(inner, here.ends, role)
        if len(parts) > 1:
            here.aside += here.ends
            here.ends = [(test, no)]
            self._deed(here, parts[1], [], role, line)
            here.close()
        elif rest:
            here.aside += here.ends
            here.ends = self._run([rest[0], *rest[1:]], [(test, no)], role)
            here.close()
        else:
            here.other = [(test, no)]
        return True

    # actions

    def _deed(self, here: _Open, text: str, children: list[Item], role: str, line: int) -> None:
        """An action, a jump, an end, a loop, a choice or a fork."""
        text = text.strip()
        bare = tidy(text.rstrip(":"))
        if children and self._block(here, bare, children, role, line):
            return
        if phrases.ON_AND_ON.match(bare) and not children:
            return
        if (again := phrases.REPEAT_STEPS.match(bare) or phrases.WHILE_STEPS.match(bare)) is not None:
            test = self._node("decision", tidy(again.group("what")), here.ends, role)
            yes, no = self._sides if _stays(again) else self._sides[::-1]
            self._goto(again.group("to"), [(test, yes)], line)
            here.ends = [(test, no)]
            return
        inside = phrases.PAREN_JUMP.search(bare)
        jump = phrases.JUMP.match(inside.group(1)) if inside is not None else None
        if inside is not None and jump is None and phrases.BACK.search(bare):
            jump = phrases.STEP_NAMED.match(inside.group(1))
        if inside is not None and jump is not None:
            self._act(here, bare[: inside.start()], role)
            here.ends = self._goto(jump.group("to"), here.ends, line)
        elif (jump := phrases.JUMP.search(bare)) is not None and (not jump.start() or bare[jump.start() - 1] in " ,;("):
            before = phrases.AND_THEN.sub("", bare[: jump.start()]).strip()
            if before and not re.search(r"[её]тся\b|ются\b", jump.group().split()[0]):
                self._act(here, before, role)
            here.ends = self._goto(jump.group("to"), here.ends, line)
        elif (found := ending(bare)) is not None:
            if found:
                self._act(here, found, role)
            if not found or here.ends:
                self._node("terminal", "Конец" if self.russian else "End", here.ends, role)
            here.ends = []
        elif phrases.START.match(bare) and not self.nodes:
            here.ends = [(self._node("terminal", bare, here.ends, role), "")]
        else:
            self._act(here, bare, role)
        if children:
            here.ends = self._run(children, here.ends, role)

    def _act(self, here: _Open, text: str, role: str) -> None:
        if self.prefixed and (before := role_before(text)) is not None:
            role, text = before.group(1), text[before.end() :]
        label = risen(tidy(text))
        if label:
            here.ends = [(self._node("process", label, here.ends, role), "")]

    def _block(self, here: _Open, text: str, children: list[Item], role: str, line: int) -> bool:
        """A line that says what its sub-steps are to it."""
        if phrases.PARALLEL.match(text):
            bar = self._node("bar", "", here.ends, role)
            ends: _Ends = []
            for child in children:
                ends += self._run([child], [(bar, "")], role)
            here.ends = [(self._node("bar", "", ends, role), "")] if ends else []
            return True
        if (each := phrases.EACH.match(text)) is not None:
            what = tidy(each.group(1))
            self._while(
                here, f"Есть ещё: {what}?" if self.russian else f"More left: {what}?", children, role, stays=True
            )
            return True
        if (again := phrases.TIMES.match(text) or phrases.REPEAT.match(text)) is not None:
            self._repeat(here, again, children, role)
            return True
        if (loop := phrases.WHILE.match(text)) is not None:
            stays = (not loop.group("no")) != text.lower().startswith("until")
            self._while(here, tidy(loop.group("what")), children, role, stays=stays)
            return True
        told = arms(text, children)
        if told is None:
            return False
        asked = text.endswith("?") or phrases.CHOICE.search(text) or phrases.ANSWER.match(children[0].text.strip())
        if not asked:  # a deed, and what follows from it
            self._act(here, text, role)
        test = self._node("decision", text if asked else "", here.ends, role)
        here.ends = []
        for label, action, child in told:
            arm = _Open([(test, label)])
            if action:
                parts = [part for part in phrases.SENTENCE.split(action) if part.strip()]
                for i, part in enumerate(parts):
                    arm.close()
                    self._deed(arm, part, child.children if i == len(parts) - 1 else [], role, child.line)
            else:
                arm.ends = self._run(child.children, arm.ends, role)
            here.ends += arm.close()
        if len({label.lower() for label, _, _ in told}) == 1:  # the other side goes on
            here.ends.append((test, ""))
        return True

    def _while(self, here: _Open, label: str, children: list[Item], role: str, *, stays: bool) -> None:
        test = self._node("decision", label, here.ends, role)
        yes, no = self._sides if stays else self._sides[::-1]
        body = self._run(children, [(test, yes)], role)
        self.edges += [Edge(source=source, target=test, label=said) for source, said in body]
        here.ends = [(test, no)]

    def _repeat(self, here: _Open, again: re.Match[str], children: list[Item], role: str) -> None:
        first = len(self.nodes)
        body = self._run(children, here.ends, role)
        if len(self.nodes) == first:
            here.ends = body
            return
        entry = self.nodes[first].id
        here.ends = []
        if again.group("what"):
            test = self._node("decision", tidy(again.group("what")), body, role)
            stays = again.re is phrases.REPEAT and _stays(again)
            yes, no = self._sides if stays else self._sides[::-1]
            body, here.ends = [(test, yes)], [(test, no)]
        self.edges += [Edge(source=source, target=entry, label=said) for source, said in body]


def _stays(match: re.Match[str]) -> bool:
    """Whether the loop goes on while the condition holds."""
    if match.re is phrases.WHILE_STEPS:  # the condition is told as it is
        return not match.group("until")
    return bool(match.group("until")) == bool(match.group("no"))
