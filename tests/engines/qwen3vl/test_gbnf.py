"""The grammar that is sent to servers, read here by a matcher of its own: what it lets through and what it does not."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

import pytest

from diagrasp.engines.qwen3vl.answer import write
from diagrasp.engines.qwen3vl.gbnf import gbnf, held_to
from diagrasp.engines.qwen3vl.syntax import EMPTY, Expr, alt, maybe, one_of, seq, star, text, utf8
from diagrasp.model import Box, Diagram, Edge, Group, Node
from diagrasp_train.lora.drafts import spoilt
from diagrasp_train.nano.family import picture

_TOKEN = re.compile(r'\s*("(?:\\.|[^"])*"|\[(?:\\.|[^\]])*\]|[a-z]+|[()|*?])')
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", '"': '"', "]": "]"}


class Grammar:
    """GBNF without recursion, as a regular language over bytes."""

    def __init__(self, source: str) -> None:
        self._rules = dict(line.split(" ::= ", 1) for line in source.splitlines())
        self._made: dict[str, Expr] = {}
        self.root = self._rule("root")

    def _rule(self, name: str) -> Expr:
        if name not in self._made:
            tokens = _TOKEN.findall(self._rules[name])
            assert "".join(tokens) == re.sub(r'\s+(?=(?:[^"]*"[^"]*")*[^"]*$)', "", self._rules[name])
            self._made[name] = self._choice(iter([*tokens, ")"]))
        return self._made[name]

    def _choice(self, tokens: Iterator[str]) -> Expr:
        branches, parts = [], []
        for token in tokens:
            if token == ")":
                return alt(*branches, seq(*parts))
            if token == "|":
                branches.append(seq(*parts))
                parts = []
            elif token in "*?":
                last = parts.pop()
                parts.append(star(last) if token == "*" else maybe(last))
            elif token == "(":
                parts.append(self._choice(tokens))
            elif token[0] == '"':
                parts.append(text(re.sub(r"\\(.)", lambda m: _ESCAPES[m[1]], token[1:-1])))
            elif token[0] == "[":
                parts.append(_class(token[1:-1]))
            else:
                parts.append(self._rule(token))
        raise AssertionError("a bracket is not closed")


def _class(body: str) -> Expr:
    negated = body.startswith("^")
    found: set[int] = set()
    signs = [
        int(m[1], 16) if m[1] else ord(_ESCAPES.get(m[2], m[2])) if m[2] else m[0]
        for m in re.finditer(r"\\x([0-9a-f]{2})|\\(.)|.", body.removeprefix("^"))
    ]
    i = 0
    while i < len(signs):
        low = signs[i] if isinstance(signs[i], int) else ord(str(signs[i]))
        if i + 2 < len(signs) and signs[i + 1] == "-":
            high = signs[i + 2] if isinstance(signs[i + 2], int) else ord(str(signs[i + 2]))
            found.update(range(int(low), int(high) + 1))
            i += 3
        else:
            found.add(int(low))
            i += 1
    if not negated:
        return one_of(*((each, each) for each in found))
    return utf8(one_of(*((each, each) for each in range(128) if each not in found)))


@pytest.fixture(scope="module")
def grammar() -> Expr:
    return Grammar(gbnf()).root


def test_answers_fit(grammar: Expr) -> None:
    for number in range(40):
        made = picture(number)
        for diagram in (made.diagram, spoilt(made.diagram, str(number))):
            assert grammar.matches(write(diagram, made.width, made.height).encode())


def test_everything_that_can_be_said_fits(grammar: Expr) -> None:
    rng = random.Random(5)
    hostile = ["", "a|b", "\\", "строка\nдве", "x\ty\x07", "конец: «ё» 🙂", "g1 > 2"]
    box = Box(1, 2, 300, 400)
    groups = (Group(id="p", label="Пул|1", kind="pool", box=box), Group(id="l", label="", kind="lane", parent="p"))
    nodes = tuple(
        Node(id=f"n{i}", label=rng.choice(hostile), shape="boundary_event" if i else "class", group="l", box=box,
             attached_to="n0" if i else None, trigger="timer" if i else None, markers=("loop", "adhoc") if i else (),
             rows=() if i else tuple(hostile))
        for i in range(12)
    )  # fmt: skip
    edges = (
        Edge(source="n0", target="n1", kind="message", line="dotted", head="circle", tail="open_arrow", default=True,
             group="l", label="да|нет", source_label="1", target_label="0..*"),
        Edge(source="p", target="n11", label=hostile[3], target_label="x"),
    )  # fmt: skip
    diagram = Diagram(kind="class", direction="RL", title="Т|\\", nodes=nodes, groups=groups, edges=edges)
    assert grammar.matches(write(diagram, 1000, 1000).encode())
    assert grammar.matches(write(Diagram()).encode())


@pytest.mark.parametrize(
    "wrong",
    ["", "Sure! Here it is:", "flowchart TB\n", "flowchart TB\n1 square: a\nend", "flowchart TB\nend\nend",
     "flowchart TB\n1 process 1 2 3: a\nend", "flowchart TB\n1>2\n1 process: a\nend",
     "flowchart TB\n1 process: a\\q\nend"],
)  # fmt: skip
def test_what_is_no_answer_does_not(grammar: Expr, wrong: str) -> None:
    assert not grammar.matches(wrong.encode())
    assert grammar is not EMPTY


def test_it_is_sent_to_servers_that_take_one() -> None:
    assert held_to("vllm") == {"structured_outputs": {"grammar": gbnf()}}
    assert held_to("llamacpp") == {"grammar": gbnf()}
    assert held_to("sglang") == {"ebnf": gbnf()}
    assert held_to("library") == {}  # Ollama
