"""The answer's grammar: one line an element, and at each point what may come next.

    bpmn LR: Order                                   kind, direction, title
    g1 pool 12 20 980 960: Shop                      group: number, kind, box, parent
    g2 lane 40 20 980 480 g1: Clerk
    1 start_event 80 220 110 260 g2 !message         node: number, shape, box, group, @host, !trigger, ~marker
    2 user_task 160 200 300 280 g2: Check stock      ... label|row|row
    1>2                                              edge: source, target, what differs from the kind's usual style
    2>3 message dashed >open_arrow <circle g1: yes   ... label|at the source|at the target
    end

Boxes are left, top, right and bottom in thousandths of the picture's width and height, the scale that Qwen3-VL itself
was taught.  Numbers run from 1 in order, and a line may only name what stands above it, so that every text of the
grammar is a valid diagram.  A backslash escapes `\\`, `|`, line ends (`\\n`, `\\r`, `\\t`) and other control
characters (`\\x07`).  A last line `...` instead of `end` says that the writer was cut short.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Final, get_args

from diagrasp.engines.qwen3vl.syntax import (
    EMPTY,
    FAIL,
    Expr,
    alt,
    maybe,
    number,
    one_of,
    seq,
    star,
    text,
    utf8,
    words,
)
from diagrasp.model import DiagramKind, Direction, EdgeKind, GroupKind, Head, Line, Marker, Shape, Trigger

GRAMMAR_VERSION: Final = "1"
SCALE: Final = 1000
"""Boxes are in this many parts of the picture's width and height."""

USUAL_STYLE: Final[dict[str, tuple[Line, Head, Head]]] = {
    "flow": ("solid", "arrow", "none"),
    "message": ("solid", "arrow", "none"),
    "association": ("solid", "none", "none"),
    "data": ("dashed", "arrow", "none"),
    "inheritance": ("solid", "triangle", "none"),
    "realization": ("dashed", "triangle", "none"),
    "composition": ("solid", "filled_diamond", "none"),
    "aggregation": ("solid", "diamond", "none"),
    "dependency": ("dashed", "open_arrow", "none"),
    "relation": ("solid", "none", "none"),
}
"""The line, head and tail of each kind of edge where the answer names no other."""

END: Final = "end"
CUT: Final = "..."


class Section(IntEnum):
    """Which part of the answer a line belongs to; they come in this order."""

    HEADER = 0
    GROUPS = 1
    NODES = 2
    EDGES = 3
    OVER = 4


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that may be said; generation is held to it, reading is not."""

    groups: int = 100
    nodes: int = 600
    edges: int = 900
    line: int = 700
    """Bytes of one line."""
    cut: bool = False
    """Whether a last line `...` is taken, which is for whoever cuts an answer short, never for the model."""


UNLIMITED: Final = Limits(10**9, 10**9, 10**9, 10**9, cut=True)


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """How far an answer has come.

    Attributes:
        section: of the line being written (at a line's start: of the line before it).
        groups, nodes, edges: how many complete lines there are of each.
        rest: what may complete the line.
        line: its bytes so far.
    """

    limits: Limits
    section: Section
    groups: int
    nodes: int
    edges: int
    rest: Expr
    line: bytes = b""

    @classmethod
    def start(cls, limits: Limits = UNLIMITED) -> State:
        """Before the first byte."""
        return cls(limits, Section.HEADER, 0, 0, 0, seq(_header(), _NEWLINE))

    @property
    def over(self) -> bool:
        """Whether the answer is complete (`end`, or `...`)."""
        return self.section is Section.OVER

    @property
    def fresh(self) -> bool:
        """Whether a line is about to begin."""
        return not self.line

    def advance(self, data: bytes) -> State | None:
        """The state after more bytes, None where the grammar does not allow them."""
        here = self
        while data:
            if here.over:
                return None
            line, newline, data = data.partition(b"\n")
            rest = here.rest.feed(line + newline)
            if rest is FAIL:
                return None
            here = here._moved(rest, here.line + line)
        return here

    def _moved(self, rest: Expr, line: bytes) -> State:
        section, groups, nodes, edges = self.section, self.groups, self.nodes, self.edges
        if rest is not EMPTY:
            return State(self.limits, section, groups, nodes, edges, rest, line)
        if line in (END.encode(), CUT.encode()):
            return State(self.limits, Section.OVER, groups, nodes, edges, EMPTY, line)
        section = section_of(line) if section is not Section.HEADER else Section.GROUPS
        if self.section is not Section.HEADER:
            groups += section is Section.GROUPS
            nodes += section is Section.NODES
            edges += section is Section.EDGES
        return State(self.limits, section, groups, nodes, edges, _lines(self.limits, section, groups, nodes, edges))

    def closing(self) -> bytes:
        """The shortest end of an answer cut short here: the rest of the line, then `...`."""
        if self.over:
            return b""
        if self.fresh and self.section is not Section.HEADER:
            return CUT.encode()
        rest = self.rest.shortest()
        return rest + CUT.encode() if rest.endswith(b"\n") else rest


def section_of(line: bytes) -> Section:
    """Which section a complete line below the header belongs to."""
    head = line.partition(b":")[0]
    if b">" in head.partition(b" ")[0]:
        return Section.EDGES
    return Section.GROUPS if head.startswith(b"g") else Section.NODES


def _plain() -> Expr:
    """One character of a text, or an escape."""
    ascii = one_of((0x20, 0x5B), (0x5D, 0x7B), (0x7D, 0x7E))
    hexadecimal = one_of((0x30, 0x39), (0x61, 0x66))
    escape = alt(
        one_of(*((ord(each), ord(each)) for each in "\\|nrt")), seq(text("x"), one_of((0x30, 0x37)), hexadecimal)
    )
    return alt(utf8(ascii), seq(text("\\"), escape))


_NEWLINE: Final = text("\n")
_PART: Final = star(_plain())
_BAR: Final = seq(text("|"), _PART)
_BOX: Final = maybe(*(seq(text(" "), number(0, SCALE)) for _ in range(4)))
_TITLE: Final = maybe(text(": "), _PART)
_LABEL_AND_ROWS: Final = seq(maybe(text(": "), _PART, star(_BAR)), _NEWLINE)
_LABEL_AND_ENDS: Final = seq(maybe(text(": "), _PART, maybe(_BAR, maybe(_BAR))), _NEWLINE)
_LABEL: Final = seq(_TITLE, _NEWLINE)


@lru_cache(1)
def _header() -> Expr:
    return seq(words(get_args(DiagramKind)), maybe(text(" "), words(get_args(Direction))), _TITLE)


@lru_cache(256)
def _group_after_number(groups: int) -> Expr:
    return seq(text(" "), words(get_args(GroupKind)), _BOX, _in_group(groups), _LABEL)


@lru_cache(256)
def _in_group(groups: int) -> Expr:
    return maybe(text(" g"), number(1, groups))


@lru_cache(64)
def _shape_and_box() -> Expr:
    return seq(text(" "), words(get_args(Shape)), _BOX)


@lru_cache(64)
def _trigger_and_markers() -> Expr:
    trigger = maybe(text(" !"), words(get_args(Trigger)))
    return seq(trigger, star(seq(text(" ~"), words(get_args(Marker)))), _LABEL_AND_ROWS)


@lru_cache(256)
def _edge_after_ends(groups: int) -> Expr:
    heads = words(get_args(Head))
    return seq(
        maybe(text(" "), words(get_args(EdgeKind))),
        maybe(text(" "), words(get_args(Line))),
        maybe(text(" >"), heads),
        maybe(text(" <"), heads),
        maybe(text(" default")),
        _in_group(groups),
        _LABEL_AND_ENDS,
    )


@lru_cache(256)
def _lines(limits: Limits, section: Section, groups: int, nodes: int, edges: int) -> Expr:
    """What lines may come after that many of each."""
    choices = [text(END), text(CUT)] if limits.cut else [text(END)]
    if section is Section.GROUPS and groups < limits.groups:
        choices.append(seq(text(f"g{groups + 1}"), _group_after_number(groups)))
    if section <= Section.NODES and nodes < limits.nodes:
        host = maybe(text(" @"), number(1, nodes))
        choices.append(seq(text(str(nodes + 1)), _shape_and_box(), _in_group(groups), host, _trigger_and_markers()))
    if edges < limits.edges:
        end = alt(number(1, nodes), seq(text("g"), number(1, groups)))
        choices.append(seq(end, text(">"), end, _edge_after_ends(groups)))
    return alt(*choices)
