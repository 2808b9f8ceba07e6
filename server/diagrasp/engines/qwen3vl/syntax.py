"""Regular languages over bytes, read by derivatives (Brzozowski, "Derivatives of Regular Expressions", 1964).

An `Expr` is a set of byte strings; `derive(byte)` is what may follow that byte; `nullable` says whether nothing more
is needed; `shortest()` is the least that completes it.  That is all that a constrained decoder needs: which bytes may
come next, whether one may stop, and how to stop soon.  Expressions are interned, so that equal states are one object.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from typing import Final

EVERY: Final = (1 << 256) - 1
_interned: weakref.WeakValueDictionary[tuple[object, ...], Expr] = weakref.WeakValueDictionary()


class Expr:
    """A set of byte strings.

    Attributes:
        nullable: whether the empty string is in the set.
        first: the bytes that a string of the set can begin with, as a mask of 256 bits.
    """

    __slots__ = ("__weakref__", "_derived", "_shortest", "first", "kind", "mask", "nullable", "parts")

    def __init__(self, kind: str, parts: tuple[Expr, ...], mask: int, nullable: bool, first: int) -> None:
        self.kind, self.parts, self.mask, self.nullable, self.first = kind, parts, mask, nullable, first
        self._derived: dict[int, Expr] = {}
        self._shortest: bytes | None = None

    def derive(self, byte: int) -> Expr:
        """What may follow `byte`; `FAIL` where nothing may."""
        if not self.first >> byte & 1:
            return FAIL
        known = self._derived.get(byte)
        if known is None:
            known = self._derived[byte] = self._derive(byte)
        return known

    def _derive(self, byte: int) -> Expr:
        if self.kind == "class":
            return EMPTY
        if self.kind == "star":
            return seq(self.parts[0].derive(byte), self)
        if self.kind == "alt":
            return alt(*(part.derive(byte) for part in self.parts))
        head, tail = self.parts
        after = seq(head.derive(byte), tail)
        return alt(after, tail.derive(byte)) if head.nullable else after

    def feed(self, data: bytes) -> Expr:
        """What may follow all of `data`."""
        here = self
        for byte in data:
            here = here.derive(byte)
        return here

    def matches(self, data: bytes) -> bool:
        """Whether `data` is in the set."""
        return self.feed(data).nullable

    def shortest(self) -> bytes:
        """The shortest string of the set, the least of several.

        Raises:
            ValueError: the set is empty.
        """
        if self._shortest is None:
            self._shortest = self._find_shortest()
        return self._shortest

    def _find_shortest(self) -> bytes:
        if self.nullable:
            return b""
        if self.kind == "class":
            return bytes([(self.mask & -self.mask).bit_length() - 1])
        if self.kind == "alt":
            return min((part.shortest() for part in self.parts), key=lambda found: (len(found), found))
        if self.kind == "seq":
            return self.parts[0].shortest() + self.parts[1].shortest()
        raise ValueError("nothing completes this")


FAIL: Final = Expr("fail", (), 0, False, 0)
EMPTY: Final = Expr("empty", (), 0, True, 0)


def _intern(kind: str, parts: tuple[Expr, ...], mask: int, nullable: bool, first: int) -> Expr:
    # Parts are kept alive by the expression itself, so their addresses name them for as long as the entry lives.
    key = (kind, mask, *map(id, parts))
    known = _interned.get(key)
    if known is None:
        known = _interned[key] = Expr(kind, parts, mask, nullable, first)
    return known


def one_of(*ranges: tuple[int, int]) -> Expr:
    """One byte out of inclusive ranges."""
    mask = 0
    for low, high in ranges:
        mask |= (1 << high + 1) - (1 << low)
    return _intern("class", (), mask, False, mask)


def seq(*parts: Expr) -> Expr:
    """One after the other."""
    found = EMPTY
    for part in reversed(parts):
        if part is FAIL or found is FAIL:
            return FAIL
        if part is EMPTY:
            continue
        if found is EMPTY:
            found = part
        elif part.kind == "seq":
            found = seq(part.parts[0], seq(part.parts[1], found))
        else:
            first = part.first | (found.first if part.nullable else 0)
            found = _intern("seq", (part, found), 0, part.nullable and found.nullable, first)
    return found


def alt(*parts: Expr) -> Expr:
    """Any one of them."""
    flat: dict[int, Expr] = {}
    for part in parts:
        for each in part.parts if part.kind == "alt" else (part,):
            if each is not FAIL:
                flat[id(each)] = each
    if len(flat) <= 1:
        return next(iter(flat.values()), FAIL)
    chosen = tuple(flat[key] for key in sorted(flat))
    first = 0
    for each in chosen:
        first |= each.first
    return _intern("alt", chosen, 0, any(each.nullable for each in chosen), first)


def star(part: Expr) -> Expr:
    """Any number of times, also none."""
    if part is FAIL or part is EMPTY:
        return EMPTY
    return _intern("star", (part,), 0, True, part.first)


def maybe(*parts: Expr) -> Expr:
    """The sequence of them, or nothing."""
    return alt(EMPTY, seq(*parts))


def text(literal: str) -> Expr:
    """Exactly that text, in UTF-8."""
    return seq(*(one_of((byte, byte)) for byte in literal.encode()))


def words(choices: Iterable[str]) -> Expr:
    """Any one of the words."""
    return alt(*map(text, choices))


def number(low: int, high: int) -> Expr:
    """A decimal number between the two, inclusive, without leading zeros; `FAIL` where there is none."""
    if low > high:
        return FAIL
    digits = len(str(high))
    if len(str(low)) < digits:
        edge = 10 ** len(str(low))
        return alt(number(low, edge - 1), number(edge, high))
    return _padded(str(low), str(high))


def _padded(low: str, high: str) -> Expr:
    """Numbers of equally many digits between the two."""
    a, b = ord(low[0]), ord(high[0])
    if len(low) == 1:
        return one_of((a, b))
    zeros, nines = "0" * (len(low) - 1), "9" * (len(low) - 1)
    if a == b:
        return seq(one_of((a, a)), _padded(low[1:], high[1:]))
    parts = []
    if low[1:] != zeros:
        parts.append(seq(one_of((a, a)), _padded(low[1:], nines)))
        a += 1
    last = None
    if high[1:] != nines:
        last = seq(one_of((b, b)), _padded(zeros, high[1:]))
        b -= 1
    if a <= b:
        parts.append(seq(one_of((a, b)), *(one_of((0x30, 0x39)) for _ in zeros)))
    if last is not None:
        parts.append(last)
    return alt(*parts)


def utf8(ascii: Expr) -> Expr:
    """One character: of ASCII what `ascii` allows, and every well-formed multi-byte sequence (Unicode, table 3-7)."""
    tail = one_of((0x80, 0xBF))
    return alt(
        ascii,
        seq(one_of((0xC2, 0xDF)), tail),
        seq(one_of((0xE0, 0xE0)), one_of((0xA0, 0xBF)), tail),
        seq(one_of((0xE1, 0xEC), (0xEE, 0xEF)), tail, tail),
        seq(one_of((0xED, 0xED)), one_of((0x80, 0x9F)), tail),
        seq(one_of((0xF0, 0xF0)), one_of((0x90, 0xBF)), tail, tail),
        seq(one_of((0xF1, 0xF3)), tail, tail, tail),
        seq(one_of((0xF4, 0xF4)), one_of((0x80, 0x8F)), tail, tail),
    )
