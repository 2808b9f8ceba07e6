"""Steps -> Diagram: our table and outline, and numbered instructions as people write them, Russian and English.

Understood of a line: its number, its depth by indentation, `[Role]` at its end, conditions (`Если ..., то ...`,
`If ..., ...`), `иначе`/`otherwise`, loops (`Пока`, `Повторять`, `While`, `Repeat`), parts in parallel, jumps to a
step's number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from diagrasp.errors import ParseError
from diagrasp.model import Diagram, Edge, Group, Node, Shape
from diagrasp_formats._common import Losses, one_line

MAX_DEPTH = 60
_LINE = re.compile(r"^([ \t]*)(?:(\d+(?:\.\d+)*)[.)]?[ \t]+|[-*•][ \t]+)(.*)$")
_ROW = re.compile(r"^\|[ \t]*(\d+)[ \t]*\|(.*)\|[ \t]*$")
_JUMP = re.compile(
    r"(?:и[ \t]+)?(?:перейти|перейдите|переход|вернуться|вернитесь|возврат|повторить[ \t]+с|go|return|jump|continue)"
    r"[ \t]+"
    r"(?:back[ \t]+)?(?:к|на|с|to|at|from)?[ \t]*(?:шаг\w*|пункт\w*|п\.|step|item)?[ \t]*(?:№[ \t]*)?"
    r"(\d+|\[\w+\])[.;]?$",
    re.IGNORECASE,
)
_IF = re.compile(r"^(?:если|if|when)[ \t]+(.+)$", re.IGNORECASE)
_ELSE = re.compile(r"^(?:иначе|в противном случае|otherwise|else)\b[,: \t]*(.*)$", re.IGNORECASE)
_SPLIT = re.compile(r",?[ \t]*(?:[;,.][ \t]*)(?:иначе|в противном случае|otherwise|else)[,:]?[ \t]+", re.IGNORECASE)
_THEN = re.compile(r",[ \t]*(?:то|then)[ \t]+|,[ \t]*", re.IGNORECASE)
_IS = re.compile(r"^[«“\"](.+?)[»”\"](?:[ \t]*(?:—|is)[ \t]*(.+))?$")
_QUOTED = re.compile(r"^[«“\"](.*)[»”\"]$")
_WHILE = re.compile(r"^(?:пока|while)[ \t]+(?:(не|not)[ \t]+)?(.+)$", re.IGNORECASE)
_REPEAT = re.compile(
    r"^(?:повторять|repeat)\b(?:,?[ \t]*(?:пока|while|(until))[ \t]+(?:(не|not)[ \t]+)?(.+))?", re.IGNORECASE
)
_PARALLEL = re.compile(r"^(?:параллельно|одновременно|in parallel|at the same time)$", re.IGNORECASE)
_ARM = re.compile(r"^(?:ветвь|part|branch)[ \t]+\d+(?:[ \t]*\((.*)\))?$", re.IGNORECASE)
_START = re.compile(r"^(?:начало|start)(?::[ \t]*(.*))?$", re.IGNORECASE)
_END = re.compile(r"^(?:конец|завершить|end|stop|finish)(?::[ \t]*(.*))?$", re.IGNORECASE)
_EVENT = re.compile(r"^(?:событие|event):[ \t]*(.+)$", re.IGNORECASE)
_LEAVE = re.compile(r"^(?:выйти из цикла|leave the loop|break)$", re.IGNORECASE)
_AGAIN = re.compile(r"^(?:начать цикл заново|begin the loop again)$", re.IGNORECASE)
_ON = re.compile(r"^(?:продолжить|go on|continue)$", re.IGNORECASE)
_GIVEN = re.compile(r"^(?:по условию|given)[ \t]+(?=[«“])(.+)$", re.IGNORECASE)
_SEVERAL = re.compile(
    r"^(?:каждое выполненное условие|each condition(?=[ \t]+(?:of[ \t]|that holds)))"
    r"(?:[ \t]+(?:of[ \t]+)?([«“].+?[»”]))?(?:[ \t]+that holds)?$",
    re.IGNORECASE,
)
_EVENTS = re.compile(r"^(?:дождаться первого из событий|wait for the first of the events)$", re.IGNORECASE)
_DONE = re.compile(
    r"^(?:(?:если шаг|if step)[ \t]+\d+|если подпроцесс|if the subprocess)[ \t]+(?:завершён|is done)$", re.IGNORECASE
)
_CHOOSE = re.compile(
    r"^(?:один из вариантов|один или несколько вариантов|one of the options|one or more of the options|"
    r"(?:в зависимости от|depending on|один или несколько вариантов по условию|one or more of the options by)"
    r"[ \t]+([«“].+?[»”]))$",
    re.IGNORECASE,
)
_OPTION = re.compile(r"^(?:вариант|option)[ \t]+\d+$", re.IGNORECASE)
_SUBPROCESS = re.compile(r"^(?:подпроцесс|subprocess)$", re.IGNORECASE)
_HAPPENS = re.compile(r"^(?:событие|event)[ \t]+(?=[«“])(.+)$", re.IGNORECASE)
_MARK = re.compile(r"^\[([A-Z]\d*)\][ \t]+")
_ROLE = re.compile(r"[ \t]*(?<!\\)\[([^\[\]]+)\]$")
_PART = "**"
"""Stands for the title of another part."""

_Ends = list[tuple[str, str]]


@dataclass(slots=True)
class _Item:
    line: int
    number: str
    text: str
    children: list[_Item] = field(default_factory=list)


@dataclass(slots=True)
class _Loop:
    """An open loop: where it is left from, and where it is begun again from."""

    left: _Ends = field(default_factory=list)
    again: _Ends = field(default_factory=list)


class StepsReader:
    """One reading."""

    def __init__(self, losses: Losses) -> None:
        self.losses = losses
        self.nodes: list[Node] = []
        self.edges: list[Edge] = []
        self.lanes: dict[str, str] = {}
        self.numbers: dict[str, str] = {}
        self.marks: dict[str, str] = {}
        self.waiting: list[tuple[int, str, int]] = []
        self.pending: list[str] = []
        self.roles: dict[str, str] = {}

    def read(self, text: str) -> Diagram:
        """Raises ParseError."""
        title = ""
        rows: list[_Item] = []
        items: list[_Item] = []
        for i, raw in enumerate(text.split("\n"), 1):
            line = raw.expandtabs(4).rstrip()
            if (row := _ROW.match(line)) is not None:
                cells = [_plain(cell.strip()) for cell in re.split(r"(?<!\\)\|", row.group(2))]
                rows.append(_Item(i, row.group(1), cells[0]))
                if len(cells) > 1 and cells[1]:
                    self.roles[row.group(1)] = cells[1]
            elif line.startswith("# ") and not title:
                title = _plain(line[2:].strip())
            elif line.startswith("**") and line.endswith("**"):
                self._hang(items, 0, _Item(i, "", _PART))
            elif (match := _LINE.match(line)) is not None:
                self._hang(items, len(match.group(1)), _Item(i, match.group(2) or "", match.group(3).strip()))
        if not items:
            items = rows
        if not items:
            raise ParseError("no steps were found", line=1, expected=["a table of steps", "numbered lines"])
        self._build(items, [], None, 0)
        for index, target, at in self.waiting:
            to = self.marks.get(target[1:-1]) if target.startswith("[") else self.numbers.get(target)
            if to is None:
                raise ParseError(f"there is no step {target} to go to", line=at)
            self.edges[index] = self.edges[index].replace(target=to)
        groups = tuple(Group(id=id, label=label, kind="lane") for label, id in self.lanes.items())
        return Diagram(title=title or None, nodes=tuple(self.nodes), edges=tuple(self.edges), groups=groups)

    _stack: list[tuple[int, _Item]]

    def _hang(self, items: list[_Item], depth: int, item: _Item) -> None:
        """Put an item below the last one that is indented less."""
        if not items:
            self._stack = []
        while self._stack and self._stack[-1][0] >= depth:
            self._stack.pop()
        if len(self._stack) >= MAX_DEPTH:
            raise ParseError(f"the outline nests deeper than {MAX_DEPTH}", line=item.line)
        (self._stack[-1][1].children if self._stack else items).append(item)
        self._stack.append((depth, item))

    # nodes and edges

    def _node(self, shape: Shape, label: str, ends: _Ends, role: str = "", number: str = "") -> str:
        id = f"n{len(self.nodes) + 1}"
        if role and role not in self.lanes:
            self.lanes[role] = f"lane{len(self.lanes) + 1}"
        self.nodes.append(Node(id=id, label=label, shape=shape, group=self.lanes.get(role)))
        self.edges += [Edge(source=source, target=id, label=text) for source, text in ends]
        if number:
            self.numbers.setdefault(number, id)
        for mark in self.pending:
            self.marks[mark] = id
        self.pending = []
        return id

    def _goto(self, target: str, ends: _Ends, line: int) -> _Ends:
        if self.pending:  # something else jumps here to jump on
            ends = [(self._node("merge", "", ends), "")]
        for source, label in ends:
            self.waiting.append((len(self.edges), target, line))
            self.edges.append(Edge(source=source, target=source, label=label))  # the target is known at the end
        return []

    # lines

    def _build(self, items: list[_Item], ends: _Ends, loop: _Loop | None, depth: int) -> _Ends:
        i = 0
        while i < len(items):
            item = items[i]
            text = item.text.removesuffix(":").strip()
            if (mark := _MARK.match(text)) is not None:
                self.pending.append(mark.group(1))
                text = text[mark.end() :]
            if text == _PART:
                ends = []
            elif not item.number and _IF.match(text):
                group = [item]
                question = _question(text)
                while i + 1 < len(items) and not items[i + 1].number and _same(items[i + 1].text, question):
                    i += 1
                    group.append(items[i])
                ends = self._choice(group, ends, loop, depth)
            else:
                ends = self._line(item, text, ends, loop, depth)
            i += 1
        return ends

    def _line(self, item: _Item, text: str, ends: _Ends, loop: _Loop | None, depth: int) -> _Ends:
        if item.number:
            return self._step(item, text, ends, loop, depth)
        if (found := _PARALLEL.match(text)) is not None:
            bar = self._node("bar", "", ends)
            out: _Ends = []
            for child in item.children:
                name, _, inline = child.text.partition(": ")
                arm = _ARM.match(name.removesuffix(":").strip())
                start: _Ends = [(bar, _plain(arm.group(1) or "") if arm else "")]
                if arm and inline:
                    out += self._deed(inline, start, "", child.line, None, depth)
                else:
                    out += self._build(child.children if arm else [child], start, None, depth + 1)
            return [(self._node("bar", "", out), "")] if len(out) > 1 else out
        if item.children and (found := _SEVERAL.match(text)) is not None:
            test = self._node("decision", _unquoted(found.group(1) or ""), ends)
            return self._choice(item.children, [(test, "")], loop, depth + 1)
        if item.children and (found := _CHOOSE.match(text)) is not None:
            test = self._node("decision", _unquoted(found.group(1) or ""), ends)
            return self._choice(item.children, [(test, "")], loop, depth + 1)
        if item.children and _SUBPROCESS.match(text):
            return self._build(item.children, ends, None, depth + 1)
        if item.children and _EVENTS.match(text):
            test = self._node("decision", "", ends)
            return self._choice(item.children, [(test, "")], loop, depth + 1)
        if item.children and (found := _WHILE.match(text)) is not None:
            label, stay = _answer(found.group(2))
            test = self._node("decision", label, ends)
            inner = _Loop()
            stays, leaves = ("", stay) if found.group(1) else (stay, "")
            body = self._build(item.children, [(test, stays)], inner, depth + 1)
            self.edges += [Edge(source=source, target=test, label=text_) for source, text_ in body + inner.again]
            return [(test, leaves), *inner.left]
        if item.children and (found := _REPEAT.match(text)) is not None:
            return self._repeat(item, found, ends, depth)
        if (found := _START.match(text)) is not None:
            return [(self._node("terminal", _unquoted(found.group(1) or text), []), "")]
        return self._other(item, text, ends, loop, depth)

    def _other(self, item: _Item, text: str, ends: _Ends, loop: _Loop | None, depth: int) -> _Ends:
        if (found := _JUMP.match(text)) is not None:
            return self._goto(found.group(1), ends, item.line)
        if loop is not None and _LEAVE.match(text):
            loop.left += ends
            return []
        if loop is not None and _AGAIN.match(text):
            loop.again += ends
            return []
        if _ON.match(text):
            return [(self._node("merge", "", ends), "")] if self.pending else ends
        if (found := _GIVEN.match(text)) is not None and (ends or self.pending):
            question, answer = _answer(found.group(1))
            if answer:
                return [(self._node("decision", question, ends), answer)]
            if self.pending or len(ends) > 1 or ends[0][1]:
                ends = [(self._node("merge", "", ends), "")]
            return [(ends[0][0], question)]
        if (found := _END.match(text)) is not None:
            if ends and text not in ("end", "завершить"):
                self._node("terminal", _unquoted(found.group(1) or ("Конец" if text[:1] in "кКзЗ" else "End")), ends)
            return []
        event = _EVENT.match(text)
        shape: Shape = "intermediate_event" if event else "process" if ends else "terminal"
        id = self._node(shape, _unquoted(event.group(1)) if event else _plain(text), ends)
        return self._build(item.children, [(id, "")], loop, depth + 1)

    def _repeat(self, item: _Item, found: re.Match[str], ends: _Ends, depth: int) -> _Ends:
        inner = _Loop()
        first = len(self.nodes)
        body = self._build(item.children, ends, inner, depth + 1)
        if len(self.nodes) == first:
            return body
        entry = self.nodes[first].id
        out: _Ends = []
        if found.group(3):
            label, answer = _answer(found.group(3).removesuffix(":"))
            test = self._node("decision", label, body)
            negative = bool(found.group(1)) != bool(found.group(2))
            body, out = [(test, "" if negative else answer)], [(test, answer if negative else "")]
        self.edges += [Edge(source=source, target=entry, label=label) for source, label in body + inner.again]
        return out + inner.left

    def _step(self, item: _Item, text: str, ends: _Ends, loop: _Loop | None, depth: int) -> _Ends:
        role = self.roles.get(item.number, "")
        if (tail := _ROLE.search(text)) is not None:
            role = role or _plain(tail.group(1))
            text = text[: tail.start()]
        if _IF.match(text):
            return self._told(item, text, role, ends, loop, depth)
        if (found := _JUMP.match(text)) is not None:
            return self._goto(found.group(1), ends, item.line)
        id = self._node("process", _plain(text), ends, role, item.number)
        return self._build(item.children, [(id, "")], loop, depth + 1)

    def _told(self, item: _Item, text: str, role: str, ends: _Ends, loop: _Loop | None, depth: int) -> _Ends:
        """`If A, B; otherwise C` in one line."""
        russian = bool(re.match("если", text, re.IGNORECASE))
        yes, no = ("да", "нет") if russian else ("yes", "no")
        parts = _SPLIT.split(text, maxsplit=1)
        condition, _, action = (_THEN.sub("\0", parts[0], count=1)).partition("\0")
        match = _IF.match(condition)
        test = self._node("decision", _plain(match.group(1) if match else condition), ends, role, item.number)
        out: _Ends = []
        sides = [(yes, action.strip()), (no, parts[1].strip() if len(parts) > 1 else "")]
        for label, what in sides:
            start: _Ends = [(test, label)]
            if label == yes and item.children:
                start = self._deed(what, start, role, item.line, loop, depth) if what else start
                start = self._build(item.children, start, loop, depth + 1)
            elif what:
                start = self._deed(what, start, role, item.line, loop, depth)
            out += start
        return out

    def _deed(self, text: str, ends: _Ends, role: str, line: int, loop: _Loop | None, depth: int) -> _Ends:
        text = text.rstrip(".;")
        if _JUMP.match(text) or _END.match(text) or _ON.match(text) or _LEAVE.match(text):
            return self._other(_Item(line, "", text), text, ends, loop, depth)
        action, _, jump = _THEN.sub("\0", text).rpartition("\0") if _JUMP.search(text) else (text, "", "")
        if action and jump and (found := _JUMP.match(jump.strip())) is not None:
            id = self._node("process", _plain(action[:1].upper() + action[1:]), ends, role)
            return self._goto(found.group(1), [(id, "")], line)
        return [(self._node("process", _plain(text[:1].upper() + text[1:]), ends, role), "")]

    def _choice(self, group: list[_Item], ends: _Ends, loop: _Loop | None, depth: int) -> _Ends:
        """Lines `If “Q” is A: ...` that follow one another."""
        question = _question(group[0].text)
        if question or len(ends) != 1 or ends[0][1] or not self.nodes or self.nodes[-1].id != ends[0][0]:
            test = self._node("decision", question, ends)
        else:
            test = ends[0][0]  # the step before is what the conditions are about
        out: _Ends = []
        for item in group:
            condition, inline = _split_arm(item.text)
            start: _Ends = [(test, condition)]
            if item.children:
                start = self._build(item.children, start, loop, depth + 1)
            elif inline:
                start = self._deed(inline, start, "", item.line, loop, depth)
            out += start
        return out


def _split_arm(text: str) -> tuple[str, str]:
    """A condition's answer, and what stands on its line after the colon."""
    text = _MARK.sub("", text)
    head, _, rest = text.partition(": ") if ": " in text else (text.removesuffix(":"), "", "")
    if (found := _ELSE.match(head)) is not None:
        return _plain(found.group(1).strip("() ")), rest.strip()
    if _DONE.match(head) or _OPTION.match(head):
        return "", rest.strip()
    match = _HAPPENS.match(head) or _IF.match(head)
    inner = _IS.match(match.group(1).strip()) if match else None
    if inner is None:
        return _plain(match.group(1).strip() if match else head), rest.strip()
    return _plain(inner.group(2) or inner.group(1)), rest.strip()


def _question(text: str) -> str:
    """What is asked in `If “Q” is A`; empty where there is the answer alone."""
    match = _IF.match(_MARK.sub("", text).partition(": ")[0].removesuffix(":").strip())
    inner = _IS.match(match.group(1).strip()) if match else None
    return _plain(inner.group(1)) if inner is not None and inner.group(2) else ""


def _same(text: str, question: str) -> bool:
    """Whether a line goes on with the choice that asks the question."""
    if _ELSE.match(text):
        return True
    return bool(_IF.match(text)) and _question(text) == question


def _answer(text: str) -> tuple[str, str]:
    """`“Q” is A` -> Q, A; anything else is what is asked."""
    inner = _IS.match(text.strip())
    if inner is None:
        return _plain(text.strip()), ""
    return _plain(inner.group(1)), _plain(inner.group(2) or "")


def _unquoted(text: str) -> str:
    match = _QUOTED.match(text.strip())
    return _plain(match.group(1) if match else text.strip())


def _plain(text: str) -> str:
    """Markdown's backslashes gone."""
    return one_line(re.sub(r"\\([\\|<*`_&~.\-+#>)])", r"\1", text))
