"""What may be generated next: the grammar, a purse of tokens that always suffices to close, and an end to loops.

Every answer that a guide lets through parses.  Three things end an answer, or a line of it, before the model would:

* the tokens run out: while the last `RESERVE` of them are left the line is completed and the answer closed by `...`;
* a line grows too long, or its text goes round in circles: the line is completed as shortly as it can be;
* lines come again word for word: the answer is closed by `...`.

An answer closed by `...` is cut, and says so; it never passes for a whole one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from diagrasp.engines.qwen3vl.grammar import Limits, Section, State
from diagrasp.engines.qwen3vl.vocabulary import Vocabulary

if TYPE_CHECKING:
    from numpy.typing import NDArray

RESERVE: Final = 48
"""Tokens kept to close with: no unfinished line needs more bytes than that, and each byte is a token at the worst."""
CIRCLE: Final = 72
"""Bytes of text that must repeat (a span of at most a third of them) before a line is cut."""
REPEATS: Final = 3
SEQUENCE_REPEATS: Final = 20
"""Lines said before that are let through; the messages of a sequence may well come again."""


@dataclass(frozen=True, slots=True)
class Point:
    """How far a guided answer has come; points are values, so a caller may go back to an earlier one.

    Attributes:
        used: tokens so far.
        forced: what has to be said next, byte for byte.
        closing: whether the answer is being cut short.
        shortened: lines cut because they grew too long or ran in circles.
        said: complete lines, less their own numbers.
        repeats: lines that were said before.
    """

    state: State
    used: int = 0
    forced: bytes = b""
    closing: bool = False
    over: bool = False
    shortened: int = 0
    said: frozenset[bytes] = frozenset()
    repeats: int = 0
    patience: int = REPEATS


class Guide:
    """Leads generation along the grammar.

    Args:
        vocabulary: of the model's tokenizer.
        stop: the token that ends an answer.
        tokens: how many may be generated, the stop included.
        limits: the most that an answer may say.

    Raises:
        ValueError: so few tokens that nothing could be said.
    """

    def __init__(self, vocabulary: Vocabulary, stop: int, tokens: int, limits: Limits | None = None) -> None:
        if tokens < 2 * RESERVE:
            raise ValueError(f"an answer needs room for at least {2 * RESERVE} tokens, not {tokens}")
        self._vocabulary, self.stop, self._tokens = vocabulary, stop, tokens
        self._limits = limits or Limits()
        self._end = np.array([stop], dtype=np.int64)

    def start(self) -> Point:
        """Before the first token."""
        return Point(State.start(self._limits))

    def allowed(self, point: Point) -> NDArray[np.int64]:
        """The tokens that may come next, at least one."""
        if point.over:
            return self._end
        if point.forced:
            return np.array([self._vocabulary.longest_prefix(point.forced)], dtype=np.int64)
        return self._vocabulary.allowed(point.state.rest)

    def after(self, point: Point, token: int) -> Point:
        """The point after one more token, which must be an allowed one.

        Raises:
            ValueError: the token was not allowed.
        """
        used = point.used + 1
        if point.over and token == self.stop:
            return replace(point, used=used)
        data = self._vocabulary.bytes_of(token)
        if data is None or point.over or (point.forced and not point.forced.startswith(data)):
            raise ValueError(f"token {token} is not allowed here")
        if point.forced:
            return self._forced(point, data, used)
        state = point.state.advance(data)
        if state is None:
            raise ValueError(f"token {token} is not allowed here")
        return self._judged(replace(point, state=state, used=used, over=state.over), point.state, data)

    def _forced(self, point: Point, data: bytes, used: int) -> Point:
        rest = point.forced[len(data) :]
        if point.closing:
            return replace(point, forced=rest, used=used, over=not rest)
        state = point.state.advance(data)
        if state is None:
            raise ValueError("what was forced is not of the grammar")
        return self._judged(replace(point, state=state, forced=rest, used=used, over=state.over), point.state, data)

    def _judged(self, point: Point, before: State, data: bytes) -> Point:
        """Notice a line's end, a loop, a line too long, and the end of the purse."""
        if point.over:
            return point
        state = point.state
        if state.fresh:
            point = self._noted(point, before, data)
        short = self._tokens - point.used <= RESERVE
        if short or point.repeats > point.patience:
            # The purse decides even where a line is being completed already: closing says the same and `...`.
            return replace(point, forced=state.closing(), closing=True)
        if not point.forced and (len(state.line) > self._limits.line or _circles(state.line)):
            return replace(point, forced=state.rest.shortest(), shortened=point.shortened + 1)
        return point

    def _noted(self, point: Point, before: State, data: bytes) -> Point:
        line = before.line + data.rstrip(b"\n")
        if before.section is Section.HEADER:
            return replace(point, patience=SEQUENCE_REPEATS if line.startswith(b"sequence") else REPEATS)
        if point.state.section is Section.EDGES:
            body = line
        else:
            words = line.partition(b":")[0].split(b" ")
            if len(words) < 3 or not words[2].isdigit():
                return point  # without a box two symbols may well read alike
            body = line.partition(b" ")[2]
        if body in point.said:
            return replace(point, repeats=point.repeats + 1)
        return replace(point, said=point.said | {body})


def _circles(line: bytes) -> bool:
    """Whether the end of the line repeats itself."""
    tail = line[-CIRCLE:]
    return len(tail) == CIRCLE and any(tail[span:] == tail[:-span] for span in range(1, CIRCLE // 3 + 1))
