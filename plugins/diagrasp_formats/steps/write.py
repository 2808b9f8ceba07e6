"""Algorithm -> Markdown: the table of steps, and the outline with conditions, loops and parallel parts."""

from __future__ import annotations

import re

from diagrasp.algorithm import Algorithm, Arm, Branch, Do, Item, Jump, Loop, Parallel, Part
from diagrasp.algorithm.flow import EVENTS
from diagrasp.model import Diagram, Node
from diagrasp_formats._common import one_line, printable
from diagrasp_formats.steps.words import Words

_SPECIAL = re.compile(r"[\\|<*`]|(?<!\w)_|_(?!\w)|&(?=#?\w+;)|~(?=~)")
_LEADING = re.compile(r"^(\d+)(?=[.)]\s)|^([-+#>])(?=\s|$)")
_END_WORD = re.compile(r"(?:конец|стоп|финиш|выход|end|stop|finish|exit|done)[.!]?", re.IGNORECASE)


def escape(text: str) -> str:
    """One line of Markdown that shows the text as it is."""
    text = _SPECIAL.sub(lambda match: "\\" + match.group(0), one_line(printable(text)))
    return _LEADING.sub(lambda match: f"{match.group(1)}\\" if match.group(1) else "\\" + match.group(2), text)


def table(found: Algorithm, words: Words) -> list[str]:
    """The table of steps, one row each."""
    rows = [f"| {found.numbers[do.id]} | {escape(do.label)} | {escape(do.role)} |" for do in found.steps]
    return ["| " + " | ".join(words.header) + " |", "|---:|---|---|", *rows]


def _untold(branch: Branch) -> bool:
    """Whether nothing tells on what several ways depend."""
    return len(branch.arms) > 1 and not any(arm.condition for arm in branch.arms)


class Outline:
    """Writes the outline of one algorithm, line by line; four spaces a level."""

    def __init__(self, diagram: Diagram, found: Algorithm, words: Words) -> None:
        self.found, self.words = found, words
        self.nodes: dict[str, Node] = {node.id: node for node in diagram.nodes}
        self.lines: list[str] = []
        self.ends = set(self.nodes) - {edge.source for edge in diagram.edges}
        self.pools = {group.id: group.label for group in diagram.groups}
        self.talking = {end for edge in diagram.edges if edge.kind == "message" for end in (edge.source, edge.target)}
        self.senders = {edge.target: edge.source for edge in reversed(diagram.edges) if edge.kind == "message"}

    def write(self) -> list[str]:
        parts = self.found.parts
        labels = {part.label for part in parts}
        alone: list[Part] = []
        last: str | None = None
        for i, part in enumerate(parts):
            lone = len(part.body) == 1 and isinstance(part.body[0], Do) and not part.body[0].body
            if i and lone and part.entry not in self.talking:
                alone.append(part)
                continue
            title = self._title(part, named=len(labels) > 1 and part.label != last, first=i == 0)
            last = part.label
            if title:
                self._blank()
                self.lines += [f"**{title}**", ""]
            self.items(part.body, 0)
        if any(self.found.numbers.get(part.entry) or self._shown(part.entry) for part in alone):
            self._blank()
            self.lines += [f"**{self.words.alone}**", ""]
            for part in alone:
                self.items(part.body, 0)
        return self.lines

    def _shown(self, id: str) -> bool:
        return bool(self.nodes[id].label.strip())

    def _title(self, part: Part, *, named: bool, first: bool) -> str:
        if named and part.label:
            return self.words.process.format(self._quoted(part.label))
        if first:
            return ""
        if part.kind == "start":
            return self.words.another
        if part.entry in self.senders:
            return self._after_message(self.senders[part.entry])
        if part.entry in self.found.unreachable:
            return self.words.unreachable
        return self.words.cycle if part.kind == "cycle" else self.words.separate

    def _after_message(self, sender: str) -> str:
        if sender in self.found.numbers:
            return self.words.message_step.format(self.found.numbers[sender])
        label = self.pools.get(sender, "").strip()
        return self.words.message_from.format(self._quoted(label)) if label else self.words.message

    def _blank(self) -> None:
        if self.lines and self.lines[-1]:
            self.lines.append("")

    def _quoted(self, text: str) -> str:
        return self.words.quotes[0] + escape(text) + self.words.quotes[1]

    def _line(self, text: str, depth: int, *, marker: str = "-") -> None:
        self.lines.append("    " * depth + f"{marker} {text}")

    def items(self, items: list[Item], depth: int) -> None:
        for i, item in enumerate(items):
            match item:
                case Do():
                    after = items[i + 1] if i + 1 < len(items) else None
                    chooses = isinstance(after, Branch) and after.id == item.id
                    self._do(item, depth, chooses=chooses)
                case Branch():
                    self._branch(item, depth)
                case Parallel():
                    self._line(self._marked(item.id) + self.words.parallel + ":", depth)
                    for number, arm in enumerate(item.arms, 1):
                        name = self.words.arm.format(number)
                        if arm.condition:
                            name += f" ({escape(arm.condition)})"
                        self._arm(name, arm, depth + 1)
                case Loop():
                    self._loop(item, depth)
                case Jump():
                    before = items[i - 1] if i else None
                    if not (item.kind == "end" and isinstance(before, Do) and before.label and not before.step):
                        self._line(self.jump(item), depth)

    def _marked(self, id: str) -> str:
        mark = self.found.marks.get(id)
        return self.words.mark.format(mark) + " " if mark and id not in self.found.numbers else ""

    def _do(self, do: Do, depth: int, *, chooses: bool) -> None:
        if do.step:
            role = f" [{escape(do.role)}]" if do.role else ""
            self._line(escape(do.label) + role, depth, marker=f"{self.found.numbers[do.id]}.")
            self.items(do.body, depth + 1)
            return
        if do.body:  # a subprocess without a name
            self._line(self._marked(do.id) + self.words.subprocess + ":", depth)
            self.items(do.body, depth + 1)
            return
        if chooses:
            return
        if not do.label:
            if mark := self._marked(do.id):
                self._line(mark + self.words.go_on, depth)
            return
        node = self.nodes.get(do.id)
        words = self.words
        begins = node is not None and node.shape in ("start_event", "initial")
        if node is not None and do.id in self.ends and not begins and not _END_WORD.fullmatch(do.label):
            text = words.finish.format(self._quoted(do.label))
        elif node is None or node.shape not in EVENTS:
            text = words.label_only.format(escape(do.label))
        elif begins:
            text = words.start.format(self._quoted(do.label))
        elif node.shape in ("end_event", "final"):
            text = words.finish.format(self._quoted(do.label))
        else:
            text = words.happening.format(self._quoted(do.label))
        self._line(self._marked(do.id) + text, depth)

    def _branch(self, branch: Branch, depth: int) -> None:
        words, question = self.words, branch.label if branch.id not in self.found.numbers else ""
        mark = self._marked(branch.id)
        if branch.kind in ("exclusive", "inclusive") and _untold(branch):
            if not mark and not question and not any(arm.body for arm in branch.arms):
                return  # every way goes on alike
            some = branch.kind == "inclusive"
            head = words.choose_some if some else words.choose
            if question:
                head = (words.choose_some_by if some else words.choose_by).format(self._quoted(question))
            self._line(mark + head + ":", depth)
            for k, arm in enumerate(branch.arms, 1):
                self._arm(words.option.format(k), arm, depth + 1)
            return
        if branch.kind in ("inclusive", "event"):
            if branch.kind == "event":
                head = words.events
            else:
                head = words.several_of.format(self._quoted(question)) if question else words.several
            self._line(mark + head + ":", depth)
            for arm in branch.arms:
                form = words.event if branch.kind == "event" else words.case
                name = form.format(self._quoted(arm.condition)) if arm.condition else words.otherwise
                self._arm(name, arm, depth + 1)
            return
        if branch.kind == "interrupt":
            number = self.found.numbers.get(branch.id, "")
            for arm in branch.arms[:-1]:
                event = self._quoted(arm.condition or "!")
                name = words.interrupt.format(number, event) if number else words.interrupt_inside.format(event)
                self._arm(name, arm, depth)
            if branch.arms[-1].body:
                name = words.normally.format(number) if number else words.normally_inside
                self._arm(name, branch.arms[-1], depth)
            return
        if len(branch.arms) == 1 and not branch.arms[0].body:
            answer = branch.arms[0].condition
            if question and answer:
                text = words.given_case.format(self._quoted(question), escape(answer))
            else:
                text = words.given.format(self._quoted(question or answer))
            self._line(mark + text, depth)
            return
        for i, arm in enumerate(branch.arms):
            self._arm((mark if i == 0 else "") + self._condition(question, arm, first=i == 0), arm, depth)

    def _condition(self, question: str, arm: Arm, *, first: bool) -> str:
        words = self.words
        if not arm.condition:
            return words.case.format(self._quoted(question)) if question and first else words.otherwise
        if arm.default and not first:
            return words.otherwise_case.format(escape(arm.condition))
        if question:
            return words.question.format(self._quoted(question), escape(arm.condition))
        return words.case.format(self._quoted(arm.condition))

    def _arm(self, name: str, arm: Arm, depth: int) -> None:
        body = arm.body
        if body and isinstance(body[0], Do) and not body[0].step and body[0].label == arm.condition:
            body = body[1:]  # the event that the arm is named for
        if not body:
            number = self.found.numbers.get(self.found.references.get(arm.target, arm.target))
            self._line(f"{name}: {self.words.jump.format(number) if number else self.words.go_on}", depth)
        elif len(body) == 1 and isinstance(body[0], Jump):
            self._line(f"{name}: {self.jump(body[0])}", depth)
        else:
            self._line(name + ":", depth)
            told = len(self.lines)
            self.items(body, depth + 1)
            if len(self.lines) == told:  # events and gateways without a name
                ends = isinstance(body[-1], Do) and body[-1].id in self.ends
                self.lines[-1] += " " + (self.words.end if ends else self.words.go_on)

    def _loop(self, loop: Loop, depth: int) -> None:
        words = self.words
        stay = loop.stay.condition if loop.stay is not None else ""
        leave = loop.leave.condition if loop.leave is not None else ""
        label = loop.test.label if loop.test is not None and not loop.tested else ""
        condition = stay or leave
        if loop.kind == "infinite":
            head = words.forever
        elif loop.kind == "exits" or not (condition or label):
            head = words.loop
        else:
            forms = {
                ("while", True): (words.loop_while, words.loop_while_case),
                ("while", False): (words.loop_while_not, words.loop_while_not_case),
                ("do_while", True): (words.loop_until, words.loop_until_case),
                ("do_while", False): (words.loop_until_not, words.loop_until_not_case),
            }
            plain, cased = forms[loop.kind, bool(stay or not leave)]
            if label and condition:
                head = cased.format(self._quoted(label), escape(condition))
            else:
                head = plain.format(self._quoted(label or condition))
        mark = self._marked(loop.test.id) if loop.test is not None else ""
        if mark and loop.kind == "do_while" and not loop.tested:
            self._marked_test(loop, mark, label, depth)
            return
        self._line(mark + head + ":", depth)
        self.items(loop.body, depth + 1)

    def _marked_test(self, loop: Loop, mark: str, label: str, depth: int) -> None:
        """A loop whose test, at its end, something jumps to: the test is told as a choice of its own."""
        words = self.words
        self._line(words.loop + ":", depth)
        self.items(loop.body, depth + 1)
        for i, (arm, what) in enumerate(((loop.stay, words.repeat), (loop.leave, words.leave))):
            if arm is not None:
                condition = self._condition(label, arm, first=i == 0)
                self._line(f"{mark if i == 0 else ''}{condition}: {what}", depth + 1)

    def jump(self, jump: Jump) -> str:
        """What a jump says."""
        words = self.words
        if jump.kind == "leave":
            return words.leave
        if jump.kind == "repeat":
            return words.repeat
        if jump.kind == "end":
            return words.end
        target = self.found.references.get(jump.target, jump.target)
        if target in self.found.numbers:
            return words.jump.format(self.found.numbers[target])
        if target in self.found.marks:
            return words.jump_mark.format(self.found.marks[target])
        label = self.nodes[target].label if target in self.nodes else ""
        return words.end_at.format(self._quoted(label)) if label.strip() else words.end
