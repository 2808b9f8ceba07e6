"""The direction of imports, and what is not loaded too early."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_imports_run_one_way() -> None:
    """The contracts of [tool.importlinter] in pyproject.toml."""
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


HEAVY = (
    "torch",
    "transformers",
    "cv2",
    "onnxruntime",
    "mcp",
    "numpy",
    "PIL",
    "starlette",
    "pydantic",
    "aiosqlite",
    "lark",
)


def loaded(code: str) -> set[str]:
    """Packages that a fresh interpreter has loaded after running the code."""
    script = f"{code}\nimport sys, json; print(json.dumps(sorted({{name.partition('.')[0] for name in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_the_command_line_loads_nothing_heavy() -> None:
    help = "from diagrasp.cli import main\ntry: main(['recognize', '--help'])\nexcept SystemExit: pass"
    assert not loaded(help) & set(HEAVY)


@pytest.mark.parametrize(
    "module",
    ["model", "formats", "engines", "settings", "images", "store", "recognition", "service", "cli.recognize",
     "cli.convert", "cli.doctor", "cli.lists", "cli.serve", "cli.cache"],
)  # fmt: skip
def test_rooms_load_no_nets_when_imported(module: str) -> None:
    assert not loaded(f"import diagrasp.{module}") & {"torch", "transformers", "cv2", "onnxruntime", "mcp", "numpy"}
