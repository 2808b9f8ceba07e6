"""Pseudocode: the algorithm in the words of schoolbooks, Russian or English."""

from __future__ import annotations

from typing import Any

from diagrasp.algorithm import Algorithm, Arm, Branch, Do, Item, Jump, Loop, Parallel, algorithm
from diagrasp.formats import FormatSpec, Written
from diagrasp.model import Diagram
from diagrasp_formats._common import Losses, check_options, choice, encode, language, one_line, printable
from diagrasp_formats._telling import CONTROL, untold, with_named_events

RU = {
    "begin": "НАЧАЛО", "end": "КОНЕЦ", "if": "ЕСЛИ {0} ТО", "elif": "ИНАЧЕ ЕСЛИ {0} ТО", "else": "ИНАЧЕ",
    "endif": "КОНЕЦ ЕСЛИ", "while": "ПОКА {0} ДЕЛАТЬ", "endwhile": "КОНЕЦ ПОКА", "repeat": "ПОВТОРЯТЬ",
    "again": "ПОКА {0}", "forever": "КОНЕЦ ПОВТОРЕНИЯ", "parallel": "ПАРАЛЛЕЛЬНО", "and": "И ОДНОВРЕМЕННО",
    "endparallel": "КОНЕЦ ПАРАЛЛЕЛЬНО", "leave": "ВЫЙТИ ИЗ ЦИКЛА", "next": "НАЧАТЬ ЦИКЛ ЗАНОВО", "stop": "СТОП",
    "goto": "ПЕРЕЙТИ К {0}", "during": "ВО ВРЕМЯ ШАГА {0} НАСТУПИЛО {1}", "event": "НАСТУПИЛО {0}", "is": "{0} = {1}",
    "skip": "ПРОДОЛЖИТЬ", "not": "НЕ ({0})", "true": "ИСТИНА",
}  # fmt: skip
EN = {
    "begin": "BEGIN", "end": "END", "if": "IF {0} THEN", "elif": "ELSE IF {0} THEN", "else": "ELSE", "endif": "END IF",
    "while": "WHILE {0} DO", "endwhile": "END WHILE", "repeat": "REPEAT", "again": "WHILE {0}",
    "forever": "END REPEAT", "parallel": "IN PARALLEL", "and": "AND", "endparallel": "END PARALLEL",
    "leave": "LEAVE THE LOOP", "next": "BEGIN THE LOOP AGAIN", "stop": "STOP", "goto": "GO TO {0}",
    "during": "DURING STEP {0} {1} HAPPENED", "event": "{0} HAPPENED", "is": "{0} = {1}", "not": "NOT ({0})",
    "skip": "GO ON", "true": "TRUE",
}  # fmt: skip


class PseudocodeFormat:
    """Writes pseudocode."""

    spec = FormatSpec(
        id="pseudocode",
        title="Pseudocode",
        media_type="text/plain",
        suffixes=(".txt",),
        aliases=("pseudo",),
        kinds=frozenset({"flowchart", "bpmn", "activity", "state", "sequence", "usecase", "block"}),
        features=frozenset({"label", "title", "edge.label", "group.lane", "group.pool"}),
        options={"language": "of the keywords, ru or en (that of the labels unless told)"},
    )

    def write(self, diagram: Diagram, **options: Any) -> Written:
        """Raises InputError."""
        check_options(options, self.spec.options, "pseudocode")
        tongue = choice(options, "language", ("ru", "en"), language(diagram))
        words = {"ru": RU, "en": EN}[tongue]
        losses = Losses(untold(diagram, self.spec, CONTROL))
        writer = _Writer(algorithm(with_named_events(diagram, tongue)), words)
        title = [one_line(printable(diagram.title))] if diagram.title else []
        return Written(encode("\n".join([*title, *writer.write()]) + "\n"), losses.done())


class _Writer:
    def __init__(self, found: Algorithm, words: dict[str, str]) -> None:
        self.found, self.words = found, words
        self.lines: list[str] = []

    def write(self) -> list[str]:
        for part in self.found.parts:
            name = f" {printable(part.label)}" if part.label else ""
            self._line(self.words["begin"] + name, 0)
            self._items(part.body, 1)
            self._line(self.words["end"], 0)
        return self.lines

    def _line(self, text: str, depth: int) -> None:
        self.lines.append("    " * depth + text)

    def _items(self, items: list[Item], depth: int) -> None:
        words = self.words
        for i, item in enumerate(items):
            after = items[i + 1] if i + 1 < len(items) else None
            match item:
                case Do():
                    if item.step or not (isinstance(after, Branch) and after.id == item.id and after.label):
                        self._do(item, depth)
                    else:
                        self._mark(item.id, depth)
                case Branch():
                    self._branch(item, depth)
                case Parallel():
                    for i, arm in enumerate(item.arms):
                        self._line(words["and" if i else "parallel"], depth)
                        self._items(arm.body, depth + 1)
                    self._line(words["endparallel"], depth)
                case Loop():
                    self._loop(item, depth)
                case Jump():
                    self._line(self._jump(item), depth)

    def _do(self, do: Do, depth: int) -> None:
        label = printable(do.label)
        if do.step:
            role = f"{printable(do.role)}: " if do.role else ""
            self._line(f"{self.found.numbers[do.id]}. {role}{label}", depth)
            self._items(do.body, depth + 1)
            return
        if do.id in self.found.marks:
            self._mark(do.id, depth, f" // {label}" if label else "")
        elif label:
            self._line(f"// {label}", depth)
        self._items(do.body, depth)

    def _mark(self, id: str, depth: int, more: str = "") -> None:
        """The letter of a place that something jumps to."""
        if id in self.found.marks and id not in self.found.numbers:
            self._line(f"[{self.found.marks[id]}]{more}", depth)

    def _condition(self, branch: Branch, arm: Arm) -> str:
        condition, label = printable(arm.condition), printable(branch.label)
        if branch.kind == "interrupt":
            return self.words["during"].format(self.found.numbers.get(branch.id, label), f"«{condition}»")
        if branch.kind == "event":
            return self.words["event"].format(f"«{condition}»")
        question = label if branch.id not in self.found.numbers else ""
        if question and condition:
            return self.words["is"].format(question, condition)
        return question or condition or self.words["true"]

    def _branch(self, branch: Branch, depth: int) -> None:
        words = self.words
        if len(branch.arms) == 1 and not branch.arms[0].body:
            self._line(f"// {printable(branch.arms[0].condition)}", depth)
            return
        several = branch.kind == "inclusive"
        for i, arm in enumerate(branch.arms):
            last = i == len(branch.arms) - 1
            plain = last and not several and (not arm.condition or arm.default or len(branch.arms) == 2)
            if plain and i:
                if not arm.body:
                    break
                comment = f" // {printable(arm.condition)}" if arm.condition else ""
                self._line(words["else"] + comment, depth)
            else:
                self._line(words["if" if i == 0 or several else "elif"].format(self._condition(branch, arm)), depth)
            self._items(arm.body, depth + 1)
            if not arm.body:
                self._line(words["skip"], depth + 1)
            if several:
                self._line(words["endif"], depth)
        if not several:
            self._line(words["endif"], depth)

    def _loop(self, loop: Loop, depth: int) -> None:
        words = self.words
        label = printable(loop.test.label) if loop.test is not None and not loop.tested else ""
        stay = printable(loop.stay.condition) if loop.stay is not None else ""
        leave = printable(loop.leave.condition) if loop.leave is not None else ""
        test = words["is"].format(label, stay or leave) if label and (stay or leave) else label or stay or leave
        if leave and not stay:
            test = words["not"].format(test)
        marked = loop.test.id if loop.test is not None and not loop.tested else ""
        if loop.kind == "while":
            self._mark(marked, depth)
        if loop.kind == "while" and test:
            self._line(words["while"].format(test), depth)
            self._items(loop.body, depth + 1)
            self._line(words["endwhile"], depth)
            return
        self._line(words["repeat"], depth)
        self._items(loop.body, depth + 1)
        if loop.kind == "do_while":
            self._mark(marked, depth)
        self._line(words["again"].format(test) if loop.kind == "do_while" and test else words["forever"], depth)

    def _jump(self, jump: Jump) -> str:
        words = self.words
        if jump.kind in ("leave", "repeat"):
            return words["leave" if jump.kind == "leave" else "next"]
        target = self.found.references.get(jump.target, jump.target)
        if jump.kind == "jump" and target in self.found.numbers:
            return words["goto"].format(self.found.numbers[target])
        if jump.kind == "jump" and target in self.found.marks:
            return words["goto"].format(f"[{self.found.marks[target]}]")
        return words["stop"]
