"""Inputs as accidents and strangers make them: sources that are right, changed at random, alike for each seed."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence

WORDS = (
    b"\0", b"\xff", b"\xd0", b"\xef\xbb\xbf", b"\n", b"\r\n", b'"', b"'", b"\\", b"{", b"}", b"[", b"]", b"(", b")",
    b"<", b">", b"|", b"&", b"&#0;", b"&#x110000;", b"&lt;", b"%%", b"-->", b"<!--", b"]]>", b"<![CDATA[",
    b"<!DOCTYPE a>", b"end", b"null", b"true", b"-1", b"0", b"1e999", b"NaN", b"99999999999999999999", b"@startuml",
    b"@enduml", b"note", b"if", b"else", b"subgraph", b"state", b"label", b"id", b"[*]", b"::", b";", b":", b",",
    b"=", b"#", b"\xe2\x80\xae",
)  # fmt: skip
_PIECE = re.compile(rb"\w+|\s+|[^\w\s]")


def mutants(seeds: Sequence[bytes], count: int, seed: int = 1) -> Iterator[bytes]:
    """So many inputs, each a seed with one to six changes: of bytes, of words, or grafted from another seed."""
    chance = random.Random(seed)
    pieces = [_PIECE.findall(each) for each in seeds]
    for _ in range(count):
        number = chance.randrange(len(seeds))
        if chance.random() < 0.3:
            yield _bytes(chance, seeds[number])
            continue
        found = list(pieces[number])
        for _ in range(chance.randint(1, 6)):
            _change(chance, found, pieces)
        yield b"".join(found)


def _bytes(chance: random.Random, source: bytes) -> bytes:
    data = bytearray(source)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(4):
            case 0 if at < len(data):
                data[at] ^= 1 << chance.randrange(8)
            case 1:
                del data[at : at + chance.choice((1, 2, 8, 64, len(data)))]
            case 2:
                data[at:at] = chance.choice(WORDS)
            case _:
                data[at:at] = data[at : at + chance.choice((1, 8, 64, 256))]
    return bytes(data)


def _change(chance: random.Random, found: list[bytes], others: Sequence[list[bytes]]) -> None:
    at = chance.randrange(len(found) + 1)
    size = chance.choice((1, 1, 2, 5, 20))
    match chance.randrange(6):
        case 0:
            del found[at : at + size]
        case 1:
            found.insert(at, chance.choice(WORDS))
        case 2:
            found[at:at] = found[at : at + size] * chance.choice((1, 1, 2, 40))
        case 3:
            other = chance.choice(others)
            start = chance.randrange(len(other) + 1)
            found[at : at + size] = other[start : start + size]
        case 4 if len(found) > 1:
            a, b = chance.randrange(len(found)), chance.randrange(len(found))
            found[a], found[b] = found[b], found[a]
        case _:
            found[at : at + 1] = [chance.choice(WORDS)]
