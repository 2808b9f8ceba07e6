"""Python: a runnable skeleton whose control flow is the diagram's.

`do` carries out a step and `choose` decides; both are there to be replaced.  What is structured becomes `if`, `while`
and functions; a part with jumps that are not becomes one function for each node, each naming the next.
"""

from __future__ import annotations

from typing import Any

from diagrasp.algorithm import Algorithm, Branch, Do, Item, Jump, Loop, Parallel, Part, algorithm, jumps, visits
from diagrasp.algorithm.flow import Flow, Out
from diagrasp.formats import FormatSpec, Written
from diagrasp.model import Diagram
from diagrasp_formats._common import Losses, check_options, encode, one_line, printable
from diagrasp_formats._telling import CONTROL, untold

HEAD = '''

def do(number, action, role=""):
    """Carry out a step; replace it by what the step does."""
    print(number, f"{role}: {action}" if role else action)


def choose(question, *answers):
    """The index of the answer that holds; replace it by the conditions."""
    for index, answer in enumerate(answers):
        print(f"  {index}: {question} {answer}".rstrip())
    return int(input("> "))


def choose_several(question, *answers):
    """The indexes of all answers that hold."""
    return [index for index, answer in enumerate(answers) if choose(f"{question} {answer}?", "yes", "no") == 0]


def parallel(*parts):
    """Carry out parts that need not wait for each other."""
    for part in parts:
        part()
'''
RUN = '''

def run(at, stop=None):
    """Go from node to node until there is none, or until one where ways meet."""
    while at is not None and at != stop:
        at = NODES[at]()
'''


_ACTS = ("do(", "choose", "parallel(", "return", "break")


class PythonFormat:
    """Writes a Python skeleton."""

    spec = FormatSpec(
        id="python",
        title="Python",
        media_type="text/x-python",
        suffixes=(".py",),
        aliases=("py",),
        kinds=frozenset({"flowchart", "bpmn", "activity", "state", "sequence", "usecase", "block"}),
        features=frozenset({"label", "title", "edge.label", "group.lane", "group.pool"}),
    )

    def write(self, diagram: Diagram, **options: Any) -> Written:
        """Raises InputError."""
        check_options(options, self.spec.options, "python")
        losses = Losses(untold(diagram, self.spec, CONTROL))
        writer = _Writer(diagram, algorithm(diagram))
        title = one_line(printable(diagram.title or "")).replace("\\", "\\\\").replace('"', '\\"') or "A skeleton"
        return Written(encode(f'"""{title}."""\n' + writer.write()), losses.done())


class _Writer:
    def __init__(self, diagram: Diagram, found: Algorithm) -> None:
        self.found = found
        self.flow = None if diagram.kind in ("sequence", "usecase") else Flow(diagram)
        self.functions = 0
        self.lines: list[str] = []

    def write(self) -> str:
        bodies: list[str] = []
        names: list[str] = []
        # a jump may lead into another part, so either all parts are structured or none is
        dispatched = not all(self._structured(part) for part in self.found.parts)
        for i, part in enumerate(self.found.parts, 1):
            names.append(f"part_{i}")
            self.lines = [f"def part_{i}():"]
            if part.label:
                self._line(f'"""{_text(part.label)[1:-1]}."""' if _plain(part.label) else f"# {part.label}", 1)
            if not dispatched:
                self._body(part.body, 1)
            else:
                self._line(f"run({_text(part.entry)})", 1)
                self.lines += ["", "", *self._nodes(part)]
            bodies.append("\n".join(self.lines))
        calls = "\n".join(f"    {name}()" for name in names) or "    pass"
        head = HEAD + (RUN + "\n\nNODES = {}\n" if dispatched else "")
        body = "".join(f"\n\n{text}\n" for text in bodies)
        return f'{head}{body}\n\ndef main():\n{calls}\n\n\nif __name__ == "__main__":\n    main()\n'

    def _structured(self, part: Part) -> bool:
        return all(jump.kind != "jump" or self._ends(jump) for jump in jumps(part.body))

    def _ends(self, jump: Jump) -> bool:
        """Whether a jump leads to the end and no step before it."""
        target = self.found.references.get(jump.target, jump.target)
        return self.flow is not None and target not in self.found.numbers and not self.flow.outs.get(target)

    def _line(self, text: str, depth: int) -> None:
        self.lines.append("    " * depth + text)

    def _body(self, items: list[Item], depth: int) -> None:
        before = len(self.lines)
        self._items(items, depth)
        if all(line.lstrip().startswith("#") for line in self.lines[before:]):
            self._line("pass", depth)

    def _items(self, items: list[Item], depth: int) -> None:
        for item in items:
            match item:
                case Do():
                    self._do(item, depth)
                case Branch():
                    self._branch(item, depth)
                case Parallel():
                    names = []
                    for arm in item.arms:
                        self.functions += 1
                        names.append(f"arm_{self.functions}")
                        self._line(f"def {names[-1]}():", depth)
                        self._body(arm.body, depth + 1)
                    self._line(f"parallel({', '.join(names)})", depth)
                case Loop():
                    self._loop(item, depth)
                case Jump():
                    self._line({"leave": "break", "repeat": "continue"}.get(item.kind, "return"), depth)

    def _do(self, do: Do, depth: int) -> None:
        if do.step:
            self._line(self._call(do), depth)
            self._items(do.body, depth)
        elif do.label:
            self._line(f"# {printable(do.label)}", depth)

    def _call(self, do: Do) -> str:
        role = f", {_text(do.role)}" if do.role else ""
        return f"do({self.found.numbers[do.id]}, {_text(do.label)}{role})"

    def _branch(self, branch: Branch, depth: int) -> None:
        if len(branch.arms) == 1 and not branch.arms[0].body:
            self._line(f"# {printable(branch.arms[0].condition)}", depth)
            return
        answers = ", ".join(_text(arm.condition) for arm in branch.arms)
        question = _text(branch.label if branch.id not in self.found.numbers else "")
        if branch.kind == "inclusive":
            self._line(f"answers = choose_several({question}, {answers})", depth)
            for i, arm in enumerate(branch.arms):
                self._line(f"if {i} in answers:", depth)
                self._body(arm.body, depth + 1)
            return
        if branch.kind == "interrupt":
            question = _text(f"during step {self.found.numbers.get(branch.id, branch.label)}:")
        self._line(f"answer = choose({question}, {answers})", depth)
        for i, arm in enumerate(branch.arms):
            self._line(f"{'if' if i == 0 else 'elif'} answer == {i}:", depth)
            self._body(arm.body, depth + 1)

    def _loop(self, loop: Loop, depth: int) -> None:
        test, stays, leaves = self._test(loop)
        if loop.kind == "while":
            self._line(f"while {test} == {stays}:", depth)
            self._body(loop.body, depth + 1)
            return
        self._line("while True:", depth)
        before = len(self.lines)
        self._items(loop.body, depth + 1)
        idle = not any(word in line for line in self.lines[before:] for word in _ACTS)
        if idle and loop.kind != "do_while":  # the flow goes round for ever and does nothing: a program must not
            self.lines[before:] = [line for line in self.lines[before:] if line.lstrip().startswith("#")]
            self._line("return", depth + 1)
        if loop.kind == "do_while":
            self._line(f"if {test} == {leaves}:", depth + 1)
            self._line("break", depth + 2)

    def _test(self, loop: Loop) -> tuple[str, int, int]:
        """The call that decides, with its answers in the order of the diagram's edges, and their indexes."""
        stay, leave = loop.stay, loop.leave
        label = loop.test.label if loop.test is not None and not loop.tested else ""
        if stay is None or leave is None:
            return f"choose({_text(stay.condition if stay else label)}, 'yes', 'no')", 0, 1
        pair = [stay, leave]
        if self.flow is not None and loop.test is not None:
            order = [out.edge for out in self.flow.outs[loop.test.id]]
            pair.sort(key=lambda arm: order.index(arm.edge))
        call = f"choose({_text(label)}, {', '.join(_text(arm.condition) for arm in pair)})"
        return call, pair.index(stay), pair.index(leave)

    def _nodes(self, part: Part) -> list[str]:
        """A function for each node, for a part with jumps."""
        flow = self.flow
        assert flow is not None  # noqa: S101  (sequence diagrams have no jumps)
        meets = self._meetings(part.body, "")
        self.lines, outer = [], self.lines
        for i, do in enumerate(visits(part.body), 1):
            self.functions += 1
            name = f"node_{self.functions}"
            if i > 1:
                self.lines += ["", ""]
            self._line(f"def {name}():", 0)
            self._do(do, 1)
            outs = flow.outs.get(do.id, [])
            self._line(f"return {self._next(do, outs, meets)}", 1)
            self.lines += ["", "", f"NODES[{_text(do.id)}] = {name}"]
        made, self.lines = self.lines, outer
        return made

    def _next(self, do: Do, outs: list[Out], meets: dict[str, str]) -> str:
        flow = self.flow
        assert flow is not None  # noqa: S101
        interrupts = [out for out in outs if out.interrupt]
        normal = [out for out in outs if not out.interrupt]
        if not normal:
            usual = "None"
        elif len(normal) == 1:
            usual = _text(normal[0].target)
        elif flow.forks(flow.nodes[do.id], normal):
            stop = _text(meets[do.id]) if meets.get(do.id) else "None"
            runs = ", ".join(f"lambda: run({_text(out.target)}, {stop})" for out in normal)
            usual = f"(parallel({runs}), {stop})[1]"
        else:
            targets = ", ".join(_text(out.target) for out in normal)
            question = "" if do.step else do.label
            answers = ", ".join(_text(out.condition) for out in normal)
            usual = f"({targets})[choose({_text(question)}, {answers})]"
        if not interrupts:
            return usual
        ways = ", ".join(f"lambda: {_text(out.target)}" for out in interrupts)
        answers = ", ".join(_text(out.condition) for out in interrupts)
        question = _text(f"during step {self.found.numbers.get(do.id, do.label)}:")
        return f"({ways}, lambda: {usual})[choose({question}, {answers}, '')]()"

    def _meetings(self, items: list[Item], following: str) -> dict[str, str]:
        """For each fork the node after it, where its arms meet."""
        found: dict[str, str] = {}
        for i, item in enumerate(items):
            after = _entry(items[i + 1]) if i + 1 < len(items) else following
            match item:
                case Parallel():
                    found[item.id] = after
                    for arm in item.arms:
                        found |= self._meetings(arm.body, after)
                case Branch():
                    for arm in item.arms:
                        found |= self._meetings(arm.body, after)
                case Loop():
                    found |= self._meetings(item.body, item.header)
                case _:
                    pass
        return found


def _entry(item: Item) -> str:
    match item:
        case Do() | Branch() | Parallel():
            return item.id
        case Loop():
            return item.header
        case Jump():
            return item.target


def _text(text: str) -> str:
    """A string literal."""
    return repr(printable(text))


def _plain(text: str) -> bool:
    return '"' not in text and "\\" not in text and not text.endswith("'")
