"""`make demo` reads its two pictures right and says where the redraws are."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from graphs import differences, plain
from snippets import ROOT, Place

from diagrasp.formats import FormatRegistry
from diagrasp.model import Diagram

NAMES = ("order-approval-ru", "incident-en")


def _truth(name: str) -> Diagram:
    return Diagram.from_json((ROOT / f"docs/examples/{name}.json").read_bytes())


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """What the demo's script prints, and the folder of its redraws."""
    folder = tmp_path_factory.mktemp("demo")
    place = Place.make(folder / "here")
    program = str(Path(sys.executable).with_name("diagrasp"))
    done = subprocess.run(
        [str(ROOT / "tools/demo.sh"), program, str(folder / "out"), *NAMES],
        env=place.environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, folder / "out"


def test_the_makefile_runs_that_script() -> None:
    recipe = re.search(r"^demo:.*\n\t(.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert recipe is not None
    assert recipe[1].split()[0] == "@tools/demo.sh"
    assert recipe[1].split()[-2:] == list(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_redraw_carries_the_graph_of_the_picture(name: str, demo: tuple[str, Path]) -> None:
    svg = (demo[1] / f"{name}.svg").read_bytes()
    found = FormatRegistry(external=False).reader("svg").read(svg).diagram  # type: ignore[attr-defined]
    assert differences(_truth(name), found, exact=False) == []
    assert str(demo[1] / f"{name}.svg") in demo[0]


@pytest.mark.parametrize("name", NAMES)
def test_the_table_lists_every_step_with_its_role_once(name: str, demo: tuple[str, Path]) -> None:
    truth = _truth(name)
    section = demo[0].split("=== ")[1 + NAMES.index(name)]
    rows = [
        re.split(r"\s*\|\s*", line.strip().strip("|")) for line in section.splitlines() if re.match(r"\| *\d", line)
    ]
    table = {plain(row[1]): plain(row[2]) for row in rows}
    steps = [n for n in truth.nodes if n.shape == "document" or n.shape == "process" or n.shape.endswith("task")]
    assert len(rows) == len(table)
    assert table == {plain(n.label): plain(truth.role(n)) for n in steps}


@pytest.mark.parametrize("name", NAMES)
def test_outline_and_mermaid_name_every_condition(name: str, demo: tuple[str, Path]) -> None:
    truth = _truth(name)
    section = plain(demo[0].split("=== ")[1 + NAMES.index(name)])
    for edge in truth.edges:
        if edge.label:
            assert plain(truth.node(edge.source).label) in section
            assert f"|{plain(edge.label)}|" in section
