"""Sequence diagrams as Mermaid and PlantUML both have them: participants, messages in order, frames in sections.

A frame is a group labelled with its operator; each of its sections is a group labelled with its condition, and a
message's `group` is the section that it stands in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from diagrasp.errors import ParseError
from diagrasp.formats import Loss
from diagrasp.model import Diagram, Edge, Group, Head, Line, Node, Shape

OPERATORS = ("alt", "opt", "loop", "par", "critical", "break", "group")
MAX_DEPTH = 64


@dataclass(slots=True)
class Builder:
    """Collects what a source says, in its order."""

    nodes: dict[str, Node] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    open: list[tuple[str, str, int]] = field(default_factory=list)
    """For each open frame its id, the id of its section, and its line."""
    title: str = ""

    def participant(self, id: str, label: str | None = None, shape: Shape = "participant") -> str:
        """Raises ParseError: without a name."""
        if not id:
            raise ParseError("a participant without a name")
        known = self.nodes.get(id)
        if known is None:
            self.nodes[id] = Node(id=id, label=id if label is None else label, shape=shape)
        elif label is not None and known.label == id:
            self.nodes[id] = known.replace(label=label, shape=known.shape if shape == "participant" else shape)
        return id

    def message(self, source: str, target: str, label: str, line: Line, head: Head, tail: Head = "none") -> None:
        self.participant(source)
        self.participant(target)
        self.edges.append(
            Edge(source=source, target=target, label=label, line=line, head=head, tail=tail, group=self.here)
        )

    @property
    def here(self) -> str | None:
        """The section that is open."""
        return self.open[-1][1] if self.open else None

    @property
    def last(self) -> Edge | None:
        """The message before this place."""
        return next((edge for edge in reversed(self.edges) if edge.source not in self.notes), None)

    def note(self, label: str, over: list[str]) -> str:
        """A note about participants: its lines to them stand among the messages, where it stands."""
        number = len(self.notes) + 1
        while (id := f"note{number}") in self.nodes or id in over:
            number += 1
        for about in over:
            self.participant(about)
        self.nodes[id] = Node(id=id, label=label, shape="note")
        self.notes[id] = None
        for about in over:
            line = Edge(source=id, target=about, kind="association", line="dashed", head="none", group=self.here)
            self.edges.append(line)
        return id

    notes: dict[str, None] = field(default_factory=dict)

    def enter(self, operator: str, condition: str, line: int) -> None:
        if len(self.open) >= MAX_DEPTH:
            raise ParseError(f"frames nest deeper than {MAX_DEPTH}", line=line)
        parent = self.open[-1][1] if self.open else None
        id = f"frame{sum(1 for g in self.groups if g.kind == 'frame') + 1}"
        self.groups.append(Group(id=id, label=operator, kind="frame", parent=parent))
        self.open.append((id, self._section(id, condition), line))

    def section(self, condition: str, line: int) -> None:
        if not self.open:
            raise ParseError("a section outside of a frame", line=line, expected=["alt", "par"])
        id, _, opened = self.open.pop()
        self.open.append((id, self._section(id, condition), opened))

    def leave(self, line: int) -> None:
        if not self.open:
            raise ParseError("'end' without a frame", line=line)
        self.open.pop()

    def _section(self, frame: str, condition: str) -> str:
        id = f"{frame}_{sum(1 for g in self.groups if g.parent == frame and g.kind == 'section') + 1}"
        self.groups.append(Group(id=id, label=condition, kind="section", parent=frame))
        return id

    def done(self) -> Diagram:
        """Raises ParseError where a frame is open."""
        if self.open:
            raise ParseError("a frame is not closed", line=self.open[-1][2], expected=["end"])
        taken = {group.id for group in self.groups}
        clash = taken & set(self.nodes)
        if clash:
            raise ParseError(f"a participant is called {min(clash)!r}, which a frame is")
        return Diagram(
            kind="sequence",
            title=self.title or None,
            nodes=tuple(self.nodes.values()),
            edges=tuple(self.edges),
            groups=tuple(self.groups),
        )


def notes_about(diagram: Diagram) -> dict[str, list[str]]:
    """The notes, each with the participants that it is about, in the order in which these stand."""
    place = {node.id: at for at, node in enumerate(diagram.nodes) if node.shape not in ("note", "annotation")}
    notes: dict[str, list[str]] = {node.id: [] for node in diagram.nodes if node.id not in place}
    for edge in diagram.edges:
        for note, about in ((edge.source, edge.target), (edge.target, edge.source)):
            if note in notes and about in place and about not in notes[note]:
                notes[note].append(about)
    return {note: sorted(about, key=place.__getitem__) for note, about in notes.items()}


def events(diagram: Diagram) -> Iterator[tuple[str, str, str, str, Edge | None]]:
    """What to write: (`enter`, operator, title, condition, None), (`section`, operator, "", condition, None),
    (`leave`, ...), (`message`, "", "", "", edge).  Frames that hold no message are left out.
    """
    groups = {group.id: group for group in diagram.groups}
    open_: list[tuple[Group, Group | None]] = []
    for edge in diagram.edges:
        chain = _frames(edge.group, groups)
        same = 0
        while same < min(len(open_), len(chain)) and open_[same][0].id == chain[same][0].id:
            old, new = open_[same][1], chain[same][1]
            same += 1
            if (old and old.id) != (new and new.id):
                break
        inside = same and _id(open_[same - 1][1]) != _id(chain[same - 1][1])
        for _ in range(len(open_) - same):
            open_.pop()
            yield "leave", "", "", "", None
        if inside:
            frame, section = chain[same - 1]
            open_[-1] = (frame, section)
            yield "section", _operator(frame), "", section.label if section else "", None
        for frame, section in chain[same:]:
            open_.append((frame, section))
            yield "enter", _operator(frame), _rest(frame), section.label if section else "", None
        yield "message", "", "", "", edge
    for _ in open_:
        yield "leave", "", "", "", None


def frame_losses(diagram: Diagram, format: str, stand_in: str) -> Iterator[Loss]:
    """What becomes of frames that the language has no word for, that hold no message, or that others interrupt.

    Args:
        stand_in: the word for a frame without one of its own.
    """
    groups = {group.id: group for group in diagram.groups}
    inside = [{frame.id for frame, _ in _frames(edge.group, groups)} for edge in diagram.edges]
    for group in diagram.groups:
        if group.kind != "frame":
            continue
        name = f"the frame '{' '.join(group.label.split())[:40]}'"
        held = [group.id in frames for frames in inside]
        word = group.label.split(None, 1)[0].lower() if group.label.strip() else ""
        if not any(held):
            yield Loss("group.frame", group.id, f"{format}: {name} holds no message and is left out")
        elif not all(held[held.index(True) : len(held) - held[::-1].index(True)]):
            yield Loss("group.frame", group.id, f"{format}: {name} is cut in parts by messages outside of it")
        elif word not in OPERATORS or (word == "group" and stand_in != "group"):
            yield Loss("group.frame", group.id, f"{format}: {name} is written as {stand_in}")


def _id(group: Group | None) -> str | None:
    return group.id if group is not None else None


def _operator(frame: Group) -> str:
    word = frame.label.split(None, 1)[0].lower() if frame.label.strip() else "group"
    return word if word in OPERATORS else "group"


def _rest(frame: Group) -> str:
    word, _, rest = frame.label.strip().partition(" ")
    return rest.strip() if word.lower() in OPERATORS else frame.label.strip()


def _frames(group: str | None, groups: dict[str, Group]) -> list[tuple[Group, Group | None]]:
    """The frames around a message, outermost first, each with the section that it stands in."""
    found: list[tuple[Group, Group | None]] = []
    section: Group | None = None
    while group is not None:
        here = groups[group]
        if here.kind == "section":
            section = here
        elif here.kind == "frame":
            found.append((here, section))
            section = None
        group = here.parent
    return found[::-1]
