"""The contract that every format keeps, for authors of plugins.

    from diagrasp.testing import FormatContract

    class TestMine(FormatContract):
        format = MyFormat()
        broken = {"unclosed bracket": b"a[b"}

runs, under pytest, each method below: what is written reads back equal in every feature that the format's spec
declares, what changes is reported as a loss, labels survive whatever they hold, the same diagram gives the same
bytes, and bad input is a ParseError.  `row(format)` says what becomes of each construct that a diagram may show.
Nothing here needs more than pytest; `diagrams` needs Hypothesis.
"""

# ruff: noqa: S101  (assertions are what this module is for)

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, cast

from diagrasp.comparison import differences
from diagrasp.constructs import Verdict, constructs, row, verdict
from diagrasp.errors import InputError, NotFoundError
from diagrasp.features import declares
from diagrasp.formats import Format, FormatSpec, Reader, Writer
from diagrasp.model import Diagram, DiagramKind, Edge, Group, GroupKind, Head, Line, Node, Shape

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = [
    "HOSTILE", "FormatContract", "Verdict", "constructs", "diagrams", "differences", "row", "sample", "verdict",
]  # fmt: skip

HOSTILE = (
    'say "hello"',
    "it's 'so'", "a | b || c", "[x] (y) {z} <w>", "<b>bold</b> &amp; <br> &lt;", "end", "END", "subgraph",
    "two\nlines", "  led by blanks", "#35; #quot; %% --> -.-> ==>", "C:\\new\\table", "a;b:c,d=e@f~g`h`",
    "*bold* _it_", "1. first", "- item", "[*]", ":done;", "null", "-- x --", "{{}} ${x} $$y$$ #{z}", "]]></x>", "label",
    "graph", "note", "Проверить наличие товара №5 «Ёлка»", "完成检查", "تحقق من الطلب",
    "🎯 цель 👩‍💻", "ﬂ°°35¶ß", "e\u0301 \u200f \u00a0x",
    "слово " * 1667,
)  # fmt: skip
"""Labels that break careless writers."""

_ANY_LINES: tuple[Line, ...] = ("solid", "dashed", "dotted", "thick")
_FLOW_SHAPES = (
    "process rounded decision terminal stadium ellipse circle double_circle hexagon data manual_operation manual_input "
    "document database subprocess delay display connector note annotation text actor"
)
_BPMN_SHAPES = (
    "task user_task service_task script_task send_task receive_task manual_task business_rule_task call_activity "
    "subprocess start_event intermediate_event end_event exclusive_gateway parallel_gateway inclusive_gateway "
    "event_gateway complex_gateway data_object data_store annotation"
)
_CLASS_EDGES = "association inheritance realization composition aggregation dependency"
_NATURAL: dict[str, tuple[str, str, str, str]] = {
    "flowchart": (_FLOW_SHAPES, "none arrow circle cross", "flow", "subgraph lane"),
    "bpmn": (_BPMN_SHAPES, "arrow", "flow", "pool lane"),
    "activity": ("process initial final decision merge bar", "arrow", "flow", "lane"),
    "state": ("state initial final decision bar", "arrow", "flow", "composite"),
    "sequence": (
        "participant actor boundary control entity collections database",
        "arrow open_arrow cross",
        "flow",
        "frame",
    ),
    "class": ("class", "none arrow triangle diamond filled_diamond", _CLASS_EDGES, "subgraph"),
    "er": ("entity", "one many zero_or_one zero_or_many one_or_many", "relation", ""),
    "usecase": ("actor usecase", "none arrow open_arrow triangle", "association dependency inheritance", "subgraph"),
    "c4": ("process actor database", "arrow", "flow", "subgraph"),
    "mindmap": ("process rounded", "none", "flow", ""),
    "block": ("process ellipse circle decision database", "none arrow", "flow", "subgraph"),
}
"""For each kind of diagram, the shapes, heads, kinds of edges and of groups that are at home there."""

_ROWS = {"class": ("id: int", "save()"), "er": ("int id PK", "string name")}
_DIRECTED = frozenset({"flowchart", "bpmn", "state", "block"})
_TWO_LINES = frozenset({"sequence", "class", "er", "usecase"})
_BARE = frozenset({"initial", "final", "bar", "merge"})


def sample(spec: FormatSpec, kind: str, labels: tuple[str, ...] = ()) -> Diagram:
    """A diagram of that kind that uses each feature declared, as far as it is at home in the kind.

    Args:
        labels: for nodes, edges and groups in turn; plain ones where they run out.
    """
    able = spec.features
    shapes, heads, kinds, groups = (words.split() for words in _NATURAL[kind])
    shapes = [shape for shape in shapes if declares(able, f"shape.{shape}")] or shapes[:1]
    heads = [head for head in heads if declares(able, f"head.{head}")] or heads[:1]
    kinds = [name for name in kinds if declares(able, f"edge.kind.{name}")] or kinds[:1]
    groups = [name for name in groups if declares(able, f"group.{name}")]
    lines = [line for line in _ANY_LINES if declares(able, f"line.{line}")] or ["solid"]
    if kind in _TWO_LINES:
        lines = [line for line in lines if line in ("solid", "dashed")]
    if kind == "state":
        lines = ["solid"]
    supply = _labels(labels)
    made = tuple(
        Group(
            id=f"g{i}",
            label=next(supply),
            kind=cast(GroupKind, name),
            parent="g0" if i and name == "lane" and groups[0] == "pool" else None,
        )
        for i, name in enumerate(groups)
        if name != "frame"
    )
    framed = kind == "sequence" and "edge.group" in able
    if framed:
        made += (
            Group(id="f0", label="alt", kind="frame"),
            Group(id="f1", label=next(supply), kind="section", parent="f0"),
            Group(id="f2", label=next(supply), kind="section", parent="f0"),
        )
    inside = made[-1].id if made and declares(able, "group") and kind != "sequence" else None
    nodes = tuple(
        Node(
            id=f"n{i}",
            label="" if shape in _BARE or (kind, shape) == ("state", "decision") else next(supply),
            shape=cast(Shape, shape),
            group=inside if (i % 3 == 1 or kind == "bpmn") and shape not in ("initial", "final") else None,
            rows=_ROWS.get(kind, ()) if declares(able, "rows") else (),
        )
        for i, shape in enumerate(shapes * (1 if len(shapes) > 1 else 3))
    )
    aside = {"data_object", "data_store", "annotation"} if kind == "bpmn" else set()  # no flow ends on these
    sources = [node.id for node in nodes if node.shape not in {"final", *aside}]
    targets = [node.id for node in nodes if node.shape not in {"initial", *aside}]
    count = max(len(heads) * len(lines), len(kinds), len(nodes) - 1)
    edges = tuple(
        Edge(
            source=sources[i % len(sources)],
            target=targets[(i + (len(sources) > 1 or i > 0)) % len(targets)],
            label=next(supply) if declares(able, "edge.label") and i % 2 == 0 else "",
            kind=cast(Any, kinds[i % len(kinds)]),
            line=lines[i % len(lines)],
            head=cast(Head, heads[(i // len(lines)) % len(heads)]),
            group={2: "f1", 3: "f1", 4: "f2"}.get(i) if framed else None,
        )
        for i in range(count)
    )
    return Diagram(
        kind=cast(DiagramKind, kind),
        title="Title" if declares(able, "title") else None,
        direction="LR" if declares(able, "direction") and kind in _DIRECTED else None,
        nodes=nodes,
        edges=edges,
        groups=made,
    )


def with_labels(spec: FormatSpec, kind: str, labels: tuple[str, ...]) -> Diagram:
    """A sample with these labels, told apart by a number where two nodes or two groups would have the same."""
    diagram = sample(spec, kind, labels)
    return diagram.replace(nodes=_distinct(diagram.nodes), groups=_distinct(diagram.groups))


def _labels(labels: tuple[str, ...]) -> Iterator[str]:
    yield from labels
    number = 0
    while True:
        yield f"Label {(number := number + 1)}"


class FormatContract:
    """Subclass it, name the class `Test...`, and set `format`.

    Attributes:
        format: an instance.
        broken: input that is malformed, by name; each must raise ParseError.
        hostile: the labels tried.
        unchanged: the kinds of diagram for which reading gives back what was written (all of the spec's unless set).
    """

    format: ClassVar[Format]
    broken: ClassVar[Mapping[str, bytes]] = {}
    hostile: ClassVar[tuple[str, ...]] = HOSTILE
    unchanged: ClassVar[tuple[str, ...] | None] = None

    @property
    def spec(self) -> FormatSpec:
        return self.format.spec

    @property
    def _kinds(self) -> list[str]:
        return sorted(self.spec.kinds if self.unchanged is None else self.unchanged)

    def test_the_spec_is_sound(self) -> None:
        spec = self.spec
        assert spec.id
        assert spec.id == spec.id.lower()
        assert spec.suffixes
        assert all(suffix.startswith(".") for suffix in spec.suffixes)
        assert spec.kinds <= set(_NATURAL)
        assert isinstance(self.format, Reader | Writer)

    def test_what_is_written_reads_back_equal(self) -> None:
        if not (isinstance(self.format, Reader) and isinstance(self.format, Writer)):
            return
        for kind in self._kinds:
            self._round_trip(sample(self.spec, kind))

    def test_hostile_labels(self) -> None:
        if not isinstance(self.format, Writer):
            return
        for kind in self._kinds:
            for label in self.hostile:
                diagram = with_labels(self.spec, kind, (label,) * 3)
                if isinstance(self.format, Reader):
                    self._round_trip(diagram)
                else:
                    assert self.format.write(diagram).data

    def test_the_same_diagram_gives_the_same_bytes(self) -> None:
        if isinstance(self.format, Writer):
            for kind in sorted(self.spec.kinds):
                diagram = sample(self.spec, kind)
                again = Diagram.from_json(diagram.to_json())
                assert self.format.write(diagram) == self.format.write(again)

    def test_losses_name_elements_that_are_there(self) -> None:
        if isinstance(self.format, Writer):
            for kind in sorted(_NATURAL):
                diagram = sample(self.spec, kind)
                items: list[Node | Edge | Group] = [*diagram.nodes, *diagram.edges, *diagram.groups]
                ids = {item.id for item in items}
                for loss in self.format.write(diagram).losses:
                    assert loss.feature
                    assert loss.element in ids | {""}
                    assert loss.message
                    assert "\n" not in loss.message

    def test_an_empty_diagram_is_written(self) -> None:
        if isinstance(self.format, Writer):
            for kind in sorted(self.spec.kinds):
                assert isinstance(self.format.write(Diagram(kind=cast(DiagramKind, kind))).data, bytes)

    def test_an_unknown_option_is_refused(self) -> None:
        if isinstance(self.format, Writer):
            writer = self.format
            _raises(InputError, lambda: writer.write(Diagram(), no_such_option=1))

    def test_no_change_is_silent(self) -> None:
        if not isinstance(self.format, Writer):
            return
        for each in constructs():
            found = verdict(self.format, each)
            told = [loss.feature for loss in found.losses]
            assert not found.silent, f"{each.section}, {each.title}: {found.silent[0]}; losses: {told}"

    def test_bad_input_is_a_parse_error(self) -> None:
        if not isinstance(self.format, Reader):
            return
        from diagrasp.errors import ParseError

        reader = self.format
        for name, data in self.broken.items():
            error = _raises(ParseError, lambda data=data: reader.read(data), name)
            assert "\n" not in str(error), name
        for data in (b"\xff\xfe\x00\xd8\x00", b"\x80\x81\x82", b"\0" * 64):
            with contextlib.suppress(InputError):
                reader.read(data)
            assert 0 <= reader.sniff(data) <= 1

    def test_a_page_that_is_not_there(self) -> None:
        if isinstance(self.format, Reader) and isinstance(self.format, Writer) and self._kinds:
            data = self.format.write(sample(self.spec, self._kinds[0])).data
            reader = self.format
            _raises(NotFoundError, lambda: reader.read(data, page=1000))

    def test_what_is_written_is_recognised(self) -> None:
        if isinstance(self.format, Reader) and isinstance(self.format, Writer):
            for kind in self._kinds:
                assert self.format.sniff(self.format.write(sample(self.spec, kind)).data) >= 0.5, kind

    def _round_trip(self, diagram: Diagram) -> None:
        writer, reader = cast(Writer, self.format), cast(Reader, self.format)
        written = writer.write(diagram)
        found = differences(diagram, reader.read(written.data).diagram, self.spec)
        assert not found, f"{found[:5]} in\n{written.data[:4000].decode('utf-8', 'replace')}"


def _distinct(items: tuple[Any, ...]) -> tuple[Any, ...]:
    """Labels told apart by a number where two are the same, so that they can be paired after reading."""
    taken: Counter[str] = Counter()
    made = []
    for item in items:
        taken[item.label] += 1
        again = item.label and taken[item.label] > 1
        made.append(item.replace(label=f"{item.label} {taken[item.label]}") if again else item)
    return tuple(made)


def _raises(kind: type[Exception], call: Any, name: str = "") -> Exception:
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"{name or call}: no {kind.__name__} was raised")


def diagrams(spec: FormatSpec, kind: str) -> SearchStrategy[Diagram]:
    """A Hypothesis strategy: samples of that kind with labels of any characters that text can hold."""
    from hypothesis import strategies as st

    characters = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp"))
    alphabet = st.one_of(characters, st.sampled_from(list("\n\"'|[](){}<>#;&%\\-=.:/*_`~@$ ")))
    label = st.text(alphabet, min_size=1, max_size=12).filter(lambda text: bool(text.strip()))

    return st.lists(label, min_size=1, max_size=8).map(lambda labels: with_labels(spec, kind, tuple(labels)))
