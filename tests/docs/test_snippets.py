"""Every snippet of the documentation does what the page says."""

from __future__ import annotations

import itertools
import json
import re
import shlex
import sys

import pytest
from snippets import PORT, ROOT, Block, Place, agrees, blocks, pages, steps

from diagrasp.cli.parser import parse

BLOCKS = [block for page in pages() for block in blocks(page)]
LANGUAGES = {"console", "python", "sh", "json", "text", "mermaid", "toml", "markdown", "ini", "xml", "yaml"}


def _of(*languages: str) -> list[Block]:
    return [b for b in BLOCKS if b.language in languages and not b.note.startswith(("not run", "file:", "plugin"))]


def _served(block: Block) -> bool:
    return f":{PORT}" in block.text


def test_there_are_snippets_and_each_names_its_language() -> None:
    assert len(_of("console")) >= 10
    unknown = [f"{block}: {block.language!r}" for block in BLOCKS if block.language not in LANGUAGES]
    assert not unknown


@pytest.mark.parametrize("block", _of("console"), ids=str)
def test_console(block: Block, place: Place, request: pytest.FixtureRequest) -> None:
    port = request.getfixturevalue("server") if _served(block) else PORT
    for step in steps(block):
        done = place.shell(step.command.replace(f":{PORT}", f":{port}"), apart=True)
        results, got = (text.replace(f":{port}", f":{PORT}") for text in (done.stdout, done.stderr + done.stdout))
        if step.shown is not None:  # a page may leave out what goes to stderr
            message = f"{block}: {step.command}\nthe page shows\n{step.shown}\nbut it is\n{got}"
            assert agrees(step.shown, got) or (results and agrees(step.shown, results)), message
        assert done.returncode == 0 or (step.shown and "error:" in step.shown), f"{block}: {step.command}\n{got}"


def _outputs() -> dict[tuple[str, int], Block]:
    """The output that a page shows for the Python block before it."""
    shown: dict[tuple[str, int], Block] = {}
    for before, after in itertools.pairwise(BLOCKS):
        if after.note == "output" and before.page == after.page:
            shown[before.page, before.line] = after
    return shown


@pytest.mark.parametrize("block", _of("python"), ids=str)
def test_python(block: Block, place: Place, request: pytest.FixtureRequest) -> None:
    port = request.getfixturevalue("server") if _served(block) else PORT
    done = place.run([sys.executable, "-c", block.text.replace(f":{PORT}", f":{port}")])
    assert done.returncode == 0, f"{block}\n{done.stdout}"
    if shown := _outputs().get((block.page, block.line)):
        assert agrees(shown.text, done.stdout), f"{block}\n{done.stdout}"


@pytest.mark.parametrize("block", _of("json"), ids=str)
def test_json(block: Block) -> None:
    json.loads(block.text)


@pytest.mark.parametrize("block", [b for b in BLOCKS if b.language in ("sh", "console")], ids=str)
def test_commands_exist(block: Block) -> None:
    """What cannot be run here (installing, containers) at least names make targets and commands that there are."""
    targets = set(re.findall(r"^([a-z][\w-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for line in re.sub(r"\\\n\s*", " ", block.text).splitlines():
        line = line.removeprefix("$ ")
        if not line.startswith(("make", "diagrasp ")):
            continue
        words = shlex.split(line.split("|")[0], comments=True)
        if words[:1] == ["make"]:
            assert {w for w in words[1:] if "=" not in w} <= targets, f"{block}: {line}"
        if words[:1] == ["diagrasp"] and not {">", "&", "&&", ">>", "2>"} & set(words):
            assert parse(words[1:]).module, f"{block}: {line}"
