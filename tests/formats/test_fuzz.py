"""Whatever a reader is given, it answers with a diagram or with one of our errors.

`make fuzz` tries 20,000 inputs a reader (`DIAGRASP_FUZZ`); otherwise a few hundred, the same each time.
"""

from __future__ import annotations

import os
import zlib
from pathlib import Path

import pytest
from mutants import mutants
from visio import GLUE, line, package, page, shape

from diagrasp.errors import DiagraspError, InputError
from diagrasp.formats import FormatRegistry, Reader, Writer
from diagrasp.model import Diagram
from diagrasp.testing import HOSTILE, sample, with_labels

ROOT = Path(__file__).resolve().parents[2]
REGISTRY = FormatRegistry(external=False)
READERS = [each.spec.id for each in REGISTRY if isinstance(each, Reader)]
COUNT = int(os.environ.get("DIAGRASP_FUZZ") or 300)
PICTURES = {"png", "svg", "pdf"}


def reader(name: str) -> Reader:
    found = REGISTRY.get(name)
    assert isinstance(found, Reader)
    return found


def seeds(name: str) -> list[bytes]:
    """Sources that are right: what we write, and the examples that others' tools drew from."""
    found = REGISTRY.get(name)
    made: list[bytes] = []
    if isinstance(found, Writer):
        for kind in sorted(found.spec.kinds):
            made.append(found.write(sample(found.spec, kind)).data)
            if name not in PICTURES:
                made.append(found.write(with_labels(found.spec, kind, HOSTILE[:12])).data)
    for suffix in found.spec.suffixes:
        made += [path.read_bytes() for path in sorted((ROOT / "docs/examples").glob(f"*{suffix}")) if name != "png"]
        made += [path.read_bytes() for path in sorted((ROOT / "tests/formats").rglob(f"*{suffix}"))]
    if name == "vsdx":  # the parts of its package
        steps = shape(1, 6, "Начало", 1, 9), shape(2, 3, "Больше 5?", 3.5, 9), line(3, "да", "EndArrow=4")
        lanes = shape(4, 7, "Процесс", 4, 5, "Width=8", "Height=8"), shape(5, 5, "Офис", 4, 7, "Width=7.5", "Height=3")
        made = [page(*steps, *lanes, connects=GLUE.format(3, 1, 2)).encode()]
    assert made, f"nothing to change for {name}"
    return made


def packed(name: str, data: bytes) -> bytes:
    """What the reader is given: for packages of several parts, one with this part in it."""
    return package(data.decode("utf-8", "replace")) if name == "vsdx" else data


@pytest.mark.timeout(0 if COUNT > 1000 else 300)
@pytest.mark.parametrize("name", READERS)
def test_a_reader_raises_nothing_but_our_errors(name: str) -> None:
    for number, changed in enumerate(mutants(seeds(name), COUNT, seed=zlib.crc32(name.encode()))):
        data = packed(name, changed)
        try:
            found = reader(name).read(data)
        except DiagraspError as error:
            told = str(error)
        except Exception as error:  # which one, and what it was given
            raise AssertionError(f"input {number}: {type(error).__name__}: {error}\n{data[:3000]!r}") from error
        else:
            told = ""
            assert isinstance(found.diagram, Diagram)
        assert "\n" not in told, (number, data[:500])
        assert 0.0 <= reader(name).sniff(data) <= 1.0


BOMB = b'<!DOCTYPE a [<!ENTITY a "ha">' + b"".join(
    f'<!ENTITY {b} "{f"&{a};" * 10}">'.encode() for a, b in zip("abcdefghi", "bcdefghij", strict=True)
)
EVIL = {
    "bomb": BOMB + b"]><mxfile>&j;</mxfile>",
    "bomb in bpmn": BOMB + b']><definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL">&j;</definitions>',
    "external": b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><mxfile><diagram>&x;</diagram></mxfile>',
    "deep tags": b"<a>" * 200_000,
    "deep brackets": b"[" * 200_000,
    "deep objects": b'{"a":' * 100_000,
    "deep subgraphs": b"digraph " + b"{" * 50_000,
    "deep flowchart": b"flowchart TD\n" + b"subgraph a\n" * 20_000,
    "deep states": b"@startuml\n" + b"state a {\n" * 20_000,
    "deep mermaid states": b"stateDiagram-v2\n" + b"state a {\n" * 20_000,
    "deep ifs": b"@startuml\nstart\n" + b"if (a) then (b)\n" * 20_000,
    "deep frames": b"sequenceDiagram\n" + b"loop a\n" * 20_000,
    "deep steps": b"\n".join(b" " * i + b"1. if a" for i in range(2000)),
    "long line": b"flowchart TD\n a[" + b"x" * 4_000_000,
    "many quotes": b"flowchart TD\n" + b'a["' * 100_000,
}


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", READERS)
def test_what_would_take_all_memory_or_time_is_refused(name: str) -> None:
    for what, data in EVIL.items():
        try:
            found = reader(name).read(data).diagram
        except DiagraspError:
            continue
        except Exception as error:
            raise AssertionError(f"{what}: {type(error).__name__}: {error}") from error
        assert "root:" not in found.to_json(), what


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", READERS)
def test_a_hundred_megabytes_are_refused(name: str) -> None:
    for head in (b"", b"flowchart TD\n", b'{"version": 1, "nodes": [', b"<mxfile>", b"@startuml\n", b"PK\x03\x04"):
        with pytest.raises(InputError):
            reader(name).read(head + b" a" * (50 * 2**20))


def test_groups_that_contain_each_other_are_refused() -> None:
    source = b'{"groups": [{"id": "a", "parent": "b"}, {"id": "b", "parent": "a"}]}'
    with pytest.raises(InputError, match="contains itself"):
        reader("json").read(source)
