"""Which tokens may come next: a grammar over bytes laid over a vocabulary of byte strings.

For a state of the grammar, all tokens are run through it at once, a byte at a time, in numpy.  States recur (every
label is the same state), so their sets are kept; a step of generation then costs a look-up.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

import numpy as np

from diagrasp.engines.qwen3vl.syntax import EMPTY, FAIL, Expr

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

LONGEST: Final = 32
"""Longer tokens (runs of spaces and dashes) are never used: shorter ones say the same."""
_KEPT: Final = 512


class Vocabulary:
    """The tokens of a byte-level BPE tokenizer, as bytes, without its special ones.

    Args:
        tokens: bytes by token id.

    Raises:
        ValueError: some byte has no token of its own, so that not every text can be written.
    """

    def __init__(self, tokens: dict[int, bytes]) -> None:
        usable = {id: data for id, data in tokens.items() if 0 < len(data) <= LONGEST}
        self._bytes = usable
        self._ids = {data: id for id, data in sorted(usable.items(), reverse=True)}
        missing = [byte for byte in range(256) if bytes([byte]) not in self._ids and byte in _NEEDED]
        if missing:
            raise ValueError(f"the tokenizer has no token for the byte {missing[0]:#04x}; it is not byte-level")
        order = sorted(usable, key=lambda token: (usable[token][0], token))
        self._order = np.array(order, dtype=np.int64)
        self._matrix = np.zeros((len(order), LONGEST), dtype=np.uint8)
        self._lengths = np.array([len(usable[id]) for id in order], dtype=np.int64)
        for row, id in enumerate(order):
            self._matrix[row, : len(usable[id])] = np.frombuffer(usable[id], dtype=np.uint8)
        starts = np.searchsorted(self._matrix[:, 0], np.arange(257))
        self._spans = [(int(starts[byte]), int(starts[byte + 1])) for byte in range(256)]
        self._kept: OrderedDict[Expr, NDArray[np.int64]] = OrderedDict()

    @classmethod
    def of(cls, tokenizer: Tokenizer) -> Vocabulary:
        """The vocabulary of a byte-level BPE tokenizer.  Raises ValueError where it is of another kind."""
        special = set(tokenizer.get_added_tokens_decoder())
        signs = _byte_of_sign()
        tokens: dict[int, bytes] = {}
        for sign, id in tokenizer.get_vocab(with_added_tokens=True).items():
            if id not in special and all(each in signs for each in sign):
                tokens[id] = bytes(signs[each] for each in sign)
        return cls(tokens)

    def bytes_of(self, id: int) -> bytes | None:
        """What a token says; None for special tokens and those never used."""
        return self._bytes.get(id)

    def text(self, ids: list[int]) -> bytes:
        """What the tokens say together, special ones left out."""
        return b"".join(self._bytes.get(id, b"") for id in ids)

    def longest_prefix(self, data: bytes) -> int:
        """The longest token that `data` begins with."""
        for length in range(min(len(data), LONGEST), 0, -1):
            found = self._ids.get(data[:length])
            if found is not None:
                return found
        raise ValueError(f"no token for the byte {data[:1]!r}")

    def allowed(self, state: Expr) -> NDArray[np.int64]:
        """The ids of tokens that may follow in a state, in no order.  Do not change the array."""
        known = self._kept.get(state)
        if known is None:
            known = self._kept[state] = self._find(state)
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(state)
        return known

    def _find(self, start: Expr) -> NDArray[np.int64]:
        spans = [self._spans[byte] for byte in range(256) if start.first >> byte & 1]
        alive = np.concatenate([np.arange(low, high) for low, high in spans] or [np.empty(0, dtype=np.int64)])
        states, numbers = [start], {start: 0}
        table = np.full((1, 256), -2, dtype=np.int32)
        here = np.zeros(len(alive), dtype=np.int32)
        fitting = []
        for column in range(LONGEST):
            if not len(alive):
                break
            byte = self._matrix[alive, column]
            there = table[here, byte]
            unknown = np.unique(here[there == -2].astype(np.int64) * 256 + byte[there == -2])
            for pair in unknown.tolist():
                after = states[pair // 256].derive(pair % 256)
                if after is not FAIL and after not in numbers:
                    numbers[after] = len(states)
                    states.append(after)
                    table = np.concatenate([table, np.full((1, 256), -2 if after is not EMPTY else -1, np.int32)])
                table[pair // 256, pair % 256] = -1 if after is FAIL else numbers[after]
            there = table[here, byte]
            lives = there >= 0
            alive, here = alive[lives], there[lives]
            done = self._lengths[alive] == column + 1
            fitting.append(alive[done])
            alive, here = alive[~done], here[~done]
        rows = np.concatenate(fitting or [np.empty(0, dtype=np.int64)])
        found: NDArray[np.int64] = self._order[rows]
        return found


_NEEDED: Final = frozenset({0x0A, *range(0x20, 0x7F), *range(0x80, 0xC0), *range(0xC2, 0xF5)})


def _byte_of_sign() -> dict[str, int]:
    """The printable signs that GPT-2's byte-level BPE (Radford et al., 2019) writes bytes as."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    signs = {chr(byte): byte for byte in printable}
    others = [byte for byte in range(256) if byte not in printable]
    return signs | {chr(256 + i): byte for i, byte in enumerate(others)}


def special_ids(tokenizer: Tokenizer, *names: str) -> list[int]:
    """The ids of special tokens.  Raises ValueError naming the one that is missing."""
    found = []
    for name in names:
        id = tokenizer.token_to_id(name)
        if id is None:
            raise ValueError(f"the tokenizer has no token {json.dumps(name)}")
        found.append(id)
    return found
