"""Diagram -> PlantUML activity diagram, where its algorithm is structured."""

from __future__ import annotations

from diagrasp.algorithm import Algorithm, Arm, Branch, Do, Item, Jump, Loop, Parallel, algorithm, jumps, visits
from diagrasp.algorithm.flow import ASIDE, Flow
from diagrasp.features import missing
from diagrasp.formats import FormatSpec
from diagrasp.model import Diagram, Edge, Node
from diagrasp_formats._common import Losses, one_line
from diagrasp_formats.plantuml._text import quoted

FEATURES = frozenset(
    {
        "label", "title", "kind.activity", "group", "group.lane", "edge.label", "edge.kind.flow", "line.solid",
        "head.arrow", "shape.initial", "shape.final", "shape.process", "shape.decision", "shape.merge", "shape.bar",
    }
)  # fmt: skip


def structured(diagram: Diagram) -> Algorithm | None:
    """The algorithm, if an activity diagram can tell it: no jumps, no events that interrupt."""
    found = algorithm(diagram)
    if not found.parts or not all(_tellable(part.body) for part in found.parts):
        return None
    return found


def _tellable(items: list[Item]) -> bool:
    if any(jump.kind != "end" for jump in jumps(items)):
        return False
    return all(
        (not isinstance(item, Branch) or (item.kind != "interrupt" and all(_tellable(arm.body) for arm in item.arms)))
        and (not isinstance(item, Parallel) or all(_tellable(arm.body) for arm in item.arms))
        and (not isinstance(item, Loop) or (item.kind != "exits" and _tellable(item.body)))
        for item in items
    )


def _plain(line: Edge) -> bool:
    """Whether a line is as those of notes are read."""
    return (line.kind, line.line, line.head, line.tail, line.label) == ("association", "dashed", "none", "none", "")


class ActivityWriter:
    """Writes one algorithm; `lines` is the outcome."""

    def __init__(self, diagram: Diagram, spec: FormatSpec, losses: Losses) -> None:
        self.flow = Flow(diagram)
        self.nodes = {node.id: node for node in diagram.nodes}
        self.losses = losses
        self.lane = ""
        self.lines: list[str] = []
        self.missing = tuple(missing(diagram, FEATURES, format=f"{spec.title} activity", but=("group.pool",)))
        self.notes, self.floating = self._beside(diagram)
        self.told: set[str] = set()
        """The notes that are written, and the lines from them."""

    def write(self, found: Algorithm) -> str:
        steps = [do for part in found.parts for do in visits(part.body)]
        self._lane(next((do.role for do in steps if do.role), ""), 0)  # the first lane has to come first
        for part in found.parts:
            self._lane(next((d.role for d in visits(part.body) if d.role), ""), 0)
            self.items(part.body, 0, starting=True)
        if self.lines[-1:] == ["detach"]:
            self.lines.pop()
        for note in self.floating:
            self._line(f"floating note right: {quoted(note.label)}", 0)
            self.told.add(note.id)
        for node in self.nodes.values():
            if node.shape in ASIDE and node.id not in self.told:
                self.losses.add("node", node.id, f"the {node.shape} '{one_line(node.label)[:40]}' is left out")
        self.losses.update(loss for loss in self.missing if loss.element not in self.told)
        return "\n".join(self.lines) + "\n"

    def items(self, items: list[Item], depth: int, *, starting: bool = False) -> None:
        for i, item in enumerate(items):
            after = items[i + 1] if i + 1 < len(items) else None
            match item:
                case Do():
                    chooses = isinstance(after, Branch | Parallel) and after.id == item.id
                    self._do(item, depth, chooses=chooses, starting=starting and i == 0)
                case Branch():
                    self._branch(item, depth)
                case Parallel():
                    for number, arm in enumerate(item.arms):
                        self._line("fork" if number == 0 else "fork again", depth)
                        if arm.condition:
                            self._line(f"-> {quoted(arm.condition)};", depth + 1)
                        self.items(arm.body, depth + 1)
                    self._line("end fork", depth)
                case Loop():
                    self._loop(item, depth)
                case Jump():
                    if not self._stopped(items[i - 1] if i else None):
                        self._line("detach" if i else "stop", depth)

    def _line(self, text: str, depth: int) -> None:
        self.lines.append("  " * depth + text)

    def _lane(self, role: str, depth: int) -> None:
        if role and role != self.lane:
            self.lane = role
            self._line(f"|{quoted(role)}|", depth)

    def _stopped(self, before: Item | None) -> bool:
        return isinstance(before, Do) and not self.flow.outs.get(before.id)

    def _stops(self, node: Node) -> bool:
        return not self.flow.outs.get(node.id) and not self.flow.is_step(node)

    def _do(self, do: Do, depth: int, *, chooses: bool, starting: bool) -> None:
        node = self.nodes[do.id]
        if do.step or (do.label and not chooses and not starting and not self._stops(node)):
            self._lane(do.role, depth)
            self._line(f":{quoted(node.label)};", depth)
            self._notes(node, depth)
            if do.body:
                self._line(f"partition {quoted(node.label) or 'subprocess'} {{", depth)
                self.items(do.body, depth + 1)
                self._line("}", depth)
            if not self.flow.outs.get(node.id):  # else what comes next would follow it
                self._line("detach", depth)
        elif node.shape in ("initial", "start_event") or (starting and self.flow.is_start(node)):
            self._lane(do.role, depth)
            self._line("start", depth)
            self._note(node, depth)
        elif self._stops(node):
            self._lane(do.role, depth)
            self._line("stop", depth)
            self._note(node, depth)

    def _beside(self, diagram: Diagram) -> tuple[dict[str, list[tuple[Node, str]]], list[Node]]:
        """The notes on one step each, by the step and with the id of the line; and those that are about nothing."""
        lines: dict[str, list[Edge]] = {}
        for edge in diagram.edges:
            for end in (edge.source, edge.target):
                lines.setdefault(end, []).append(edge)
        found: dict[str, list[tuple[Node, str]]] = {}
        floating: list[Node] = []
        for note in diagram.nodes:
            if note.shape != "note" or note.rows:
                continue
            if note.id not in lines:
                floating.append(note)
            elif len(lines[note.id]) == 1 and _plain(line := lines[note.id][0]) and line.source == note.id:
                found.setdefault(line.target, []).append((note, line.id))
        return found, floating

    def _notes(self, node: Node, depth: int) -> None:
        for note, line in self.notes.pop(node.id, ()):
            self._line(f"note right: {quoted(note.label)}", depth)
            self.told |= {note.id, line}

    def _note(self, node: Node, depth: int) -> None:
        if node.label.strip():
            self._line(f"note right: {quoted(node.label)}", depth)
            self.losses.add("label", node.id, f"'{one_line(node.label)[:40]}' is written as a note beside its symbol")

    def _branch(self, branch: Branch, depth: int) -> None:
        question = quoted(self.nodes[branch.id].label) if branch.label and branch.id in self.nodes else ""
        if self.flow.is_step(self.nodes[branch.id]):
            question = ""
        arms = branch.arms
        if len(arms) == 1:
            self._line(f"-> {quoted(arms[0].condition)};", depth)
            return
        if branch.kind == "inclusive":
            self.losses.add("shape.inclusive_gateway", branch.id, "arms taken together are written as a choice of one")
        if len(arms) == 2:
            self._line(f"if ({question}) then ({quoted(arms[0].condition)})", depth)
            self.items(arms[0].body, depth + 1)
            self._line(f"else ({quoted(arms[1].condition)})", depth)
            self.items(arms[1].body, depth + 1)
            self._line("endif", depth)
            return
        self._line(f"switch ({question})", depth)
        for arm in arms:
            self._line(f"case ({quoted(arm.condition)})", depth)
            self.items(arm.body, depth + 1)
        self._line("endswitch", depth)

    def _loop(self, loop: Loop, depth: int) -> None:
        label = quoted(self.nodes[loop.test.id].label) if loop.test is not None and not loop.tested else ""
        stay, leave = loop.stay or Arm("", ""), loop.leave or Arm("", "")
        if loop.kind == "while":
            self._line(f"while ({label}) is ({quoted(stay.condition)})", depth)
            self.items(loop.body, depth + 1)
            self._line(f"endwhile ({quoted(leave.condition)})", depth)
        elif loop.kind == "do_while":
            self._line("repeat", depth)
            self.items(loop.body, depth + 1)
            not_ = f" not ({quoted(leave.condition)})" if leave.condition else ""
            self._line(f"repeat while ({label}) is ({quoted(stay.condition)}){not_}", depth)
        else:
            self._line("repeat", depth)
            self.items(loop.body, depth + 1)
            self._line("repeat while ()", depth)
            self._line("detach", depth)
            self.losses.add("loop", loop.header, "an endless loop is written with a test that is never left")
