"""The grammars of this folder, compiled when first used."""

from __future__ import annotations

import functools
from importlib.resources import files
from typing import TYPE_CHECKING

from diagrasp_formats._common import parse_error

if TYPE_CHECKING:
    from lark import Lark, Token, Tree


@functools.cache
def _parser(name: str) -> Lark:
    from lark import Lark

    grammar = files(__package__).joinpath(f"{name}.lark").read_text("utf-8")
    return Lark(grammar, parser="lalr", maybe_placeholders=False, propagate_positions=False)


def parse(name: str, text: str, names: dict[str, str]) -> Tree[Token]:
    """Raises ParseError."""
    from lark.exceptions import UnexpectedInput

    try:
        return _parser(name).parse(text)
    except UnexpectedInput as error:
        raise parse_error(error, names) from None
