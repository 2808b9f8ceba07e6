"""The answer's grammar for servers that hold a model to one: GBNF, as llama.cpp, vLLM and SGLang (xgrammar) read it.

A context-free grammar cannot count, so it lets through what `grammar` refuses: numbers out of order, names of what is
not there.  The strict reader finds those.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import get_args

from diagrasp.model import DiagramKind, Direction, EdgeKind, GroupKind, Head, Line, Marker, Shape, Trigger


def _words(choices: Iterable[str]) -> str:
    return " | ".join(f'"{word}"' for word in choices)


@lru_cache(1)
def gbnf() -> str:
    """The grammar's text; its start is `root`."""
    rules = {
        "root": r'head "\n" (group "\n")* (node "\n")* (edge "\n")* "end"',
        "head": 'kind (" " direction)? (": " text)?',
        "group": '"g" number " " container box? holder? (": " text)?',
        "node": 'number " " shape box? holder? (" @" number)? (" !" trigger)? (" ~" marker)* (": " text (bar text)*)?',
        "edge": 'tip ">" tip (" " relation)? (" " line)? (" >" mark)? (" <" mark)? " default"? holder? '
        '(": " text (bar text (bar text)?)?)?',
        "tip": '"g"? number',
        "holder": '" g" number',
        "box": '" " place " " place " " place " " place',
        "number": "[1-9] [0-9]? [0-9]?",
        "place": '"0" | "1000" | [1-9] [0-9]? [0-9]?',
        "bar": '"|"',
        "text": r'([^\\|\x00-\x1f\x7f] | "\\" ([\\|nrt] | "x" [0-7] [0-9a-f]))*',
        "kind": _words(get_args(DiagramKind)),
        "direction": _words(get_args(Direction)),
        "container": _words(get_args(GroupKind)),
        "shape": _words(get_args(Shape)),
        "trigger": _words(get_args(Trigger)),
        "marker": _words(get_args(Marker)),
        "relation": _words(get_args(EdgeKind)),
        "line": _words(get_args(Line)),
        "mark": _words(get_args(Head)),
    }
    return "".join(f"{name} ::= {rule}\n" for name, rule in rules.items())


def held_to(server: str) -> dict[str, object]:
    """What to add to a request so that a server holds its model to the grammar; nothing where it cannot.

    Args:
        server: who owns the model, as `/v1/models` says: vllm, sglang, llamacpp, ...
    """
    match server:
        case "vllm":
            return {"structured_outputs": {"grammar": gbnf()}}
        case "sglang":
            return {"ebnf": gbnf()}
        case "llamacpp":
            return {"grammar": gbnf()}
        case _:
            return {}
