"""Sources as people write and export them, each with the graph that it means; see corpus/README.md."""

from __future__ import annotations

import difflib
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from graphtext import geometry, graph_text
from visio import source

from diagrasp.formats import FormatRegistry, Read, Reader

CORPUS = Path(__file__).parent / "corpus"
CONSTRUCTS = tomllib.loads((CORPUS / "constructs.toml").read_text("utf-8"))
LEAST = 25
"""Sources of every format that is read."""
REGISTRY = FormatRegistry(external=False)
READ = sorted(found.spec.id for found in REGISTRY if isinstance(found, Reader))
CARRIERS = frozenset({"png", "svg"})
"""Pictures that hold sources of other formats."""
PAGED = re.compile(r"(.+)@(\d+)")


@dataclass(frozen=True, slots=True)
class Case:
    """An expectation and its source; `page` is None where its name has no `@NUMBER`."""

    format: str
    graph: Path
    source: Path
    page: int | None
    covers: frozenset[str]
    geometry: str
    lines: tuple[str, ...]

    def read(self) -> Read:
        return REGISTRY.reader(self.format).read(source(self.source), page=self.page)


@cache
def cases() -> tuple[Case, ...]:
    return tuple(_case(path) for path in sorted(CORPUS.glob("*/*.graph")))


def _case(path: Path) -> Case:
    paged = PAGED.fullmatch(path.stem)
    name = paged.group(1) if paged else path.stem
    found = [each for each in sources(path.parent.name) if _stem(each) == name]
    assert len(found) == 1, f"{path.relative_to(CORPUS)} needs one source beside it, there are {len(found)}"
    head = {"covers": "", "geometry": ""}
    lines = []
    for line in path.read_text("utf-8").splitlines():
        key, colon, value = line.partition(":")
        if colon and key in head:
            head[key] += f",{value}" if key == "covers" else value.strip()
        elif line.strip() and not line.startswith("#"):
            lines.append(line)
    covers = frozenset(name.strip() for name in head["covers"].split(",") if name.strip())
    page = int(paged.group(2)) if paged else None
    return Case(path.parent.name, path, found[0], page, covers, head["geometry"], tuple(lines))


def sources(format: str) -> list[Path]:
    return sorted(path for path in (CORPUS / format).glob("*") if path.suffix != ".graph")


def _stem(path: Path) -> str:
    """The name without the suffix of its format, which may have two dots."""
    suffixes = REGISTRY.get(path.parent.name).spec.suffixes
    name = path.name.removesuffix(".xml") if path.name.endswith(".vsdx.xml") else path.name
    fitting = [suffix for suffix in suffixes if name.endswith(suffix)]
    assert fitting, f"{path.relative_to(CORPUS)} ends on none of {', '.join(suffixes)}"
    return name.removesuffix(max(fitting, key=len))


def named(case: Case) -> str:
    return f"{case.format}/{case.graph.stem}"


@pytest.mark.parametrize("case", cases(), ids=named)
def test_a_source_is_read_as_what_it_means(case: Case) -> None:
    read = case.read()
    found = graph_text(read).splitlines()
    wanted = list(case.lines)
    where = case.graph.relative_to(CORPUS)
    difference = difflib.unified_diff(wanted, found, f"corpus/{where}", "as it is read", lineterm="", n=2)
    assert found == wanted, "\n" + "\n".join(difference)
    if case.geometry:
        assert geometry(read.diagram) == case.geometry


@pytest.mark.parametrize("case", cases(), ids=named)
def test_a_source_is_recognised_without_its_name(case: Case) -> None:
    data = source(case.source)
    found = REGISTRY.detect(data)
    if case.format in CARRIERS and found.spec.id != case.format:  # the format of what the picture carries
        assert graph_text(found.read(data, page=case.page)).splitlines() == list(case.lines)
    else:
        assert found.spec.id == case.format


@pytest.mark.parametrize("format", READ)
def test_there_are_enough_sources_and_each_has_its_graph(format: str) -> None:
    found = sources(format)
    assert len(found) >= LEAST
    told = {case.source for case in cases()}
    assert [path.name for path in found if path not in told] == []


@pytest.mark.parametrize("format", READ)
def test_every_construct_is_covered(format: str) -> None:
    constructs = CONSTRUCTS[format]["constructs"]
    assert len(constructs) == len(set(constructs))
    covered: set[str] = set()
    for case in cases():
        if case.format == format:
            assert case.covers, f"{named(case)} says not what it covers"
            unknown = case.covers - set(constructs)
            assert not unknown, f"{named(case)} covers what constructs.toml does not name: {', '.join(sorted(unknown))}"
            covered |= case.covers
    assert [name for name in constructs if name not in covered] == []


def test_constructs_are_told_of_formats_that_are_read() -> None:
    assert sorted(CONSTRUCTS) == READ
    assert {path.name for path in CORPUS.iterdir() if path.is_dir()} <= set(READ)
