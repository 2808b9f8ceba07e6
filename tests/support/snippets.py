"""Fenced blocks of the documentation: finding them, running them, comparing what they show with what comes."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PORT = "8000"
"""The port that the pages use; tests put a free one in its place."""

_FENCE = re.compile(r"(`{3,})(\w*)\s*$")
_COMMENT = re.compile(r"<!-- (.*?) -->\s*$")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block.

    Attributes:
        note: the HTML comment on the line before: `file: NAME`, `not run: REASON`, `output` or nothing.
        line: of the opening fence, counted from 1.
    """

    page: str
    line: int
    language: str
    text: str
    note: str = ""

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def pages() -> list[Path]:
    """Every page of the documentation."""
    found = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "chat_ui/README.md", *ROOT.glob("weights/*.md")]
    return sorted(path for path in found if path.is_file())


def blocks(path: Path) -> Iterator[Block]:
    """The blocks of a page, in order."""
    name = str(path.relative_to(ROOT))
    lines = path.read_text(encoding="utf-8").splitlines()
    fence, language, start, note = "", "", 0, ""
    body: list[str] = []
    for number, line in enumerate(lines, 1):
        if fence:
            if line.strip() == fence:
                yield Block(name, start, language, "\n".join(body) + "\n", note)
                fence, note = "", ""
            else:
                body.append(line)
        elif found := _FENCE.match(line.strip()):
            fence, language, start, body = found[1], found[2], number, []
        elif found := _COMMENT.match(line.strip()):
            note = found[1]
        elif line.strip():
            note = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A folder that commands run in, and their environment."""

    folder: Path
    environment: dict[str, str]

    @classmethod
    def make(cls, folder: Path, **more: str) -> Place:
        """A folder with a copy of the checkout's `docs`, with a store and a home of its own."""
        home = folder / "home"
        home.mkdir(parents=True)
        shutil.copytree(ROOT / "docs", folder / "docs")
        kept = {k: v for k, v in os.environ.items() if not k.startswith("DIAGRASP_")}
        environment = {
            **kept,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(home),
            "LC_ALL": "C.UTF-8",
            "COLUMNS": "100",
            "DIAGRASP_DB": str(folder / "diagrasp.db"),
            **more,
        }
        return cls(folder, environment)

    def run(self, command: list[str], *, timeout: float = 240, apart: bool = False) -> subprocess.CompletedProcess[str]:
        """Run a command; stdout and stderr come in one, as a terminal shows them, unless they are to be apart."""
        return subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if apart else subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            timeout=timeout,
            check=False,
        )

    def shell(self, command: str, *, apart: bool = False) -> subprocess.CompletedProcess[str]:
        return self.run(["bash", "-c", command], apart=apart)


@dataclass(frozen=True, slots=True)
class Step:
    """A command of a console block and the output that the page shows for it, None where it shows none."""

    command: str
    shown: str | None


def steps(block: Block) -> list[Step]:
    """The commands of a console block: lines after `$ `, continued by a backslash; what follows is output."""
    found: list[Step] = []
    command: list[str] = []
    shown: list[str] = []

    def close() -> None:
        if command:
            found.append(Step("\n".join(command), "\n".join(shown) if shown else None))

    for line in block.text.splitlines():
        if line.startswith("$ "):
            close()
            command, shown = [line[2:]], []
        elif command and command[-1].endswith("\\") and not shown:
            command.append(line)
        elif command:
            shown.append(line)
        elif line.strip():
            raise ValueError(f"{block}: output before any command")
    close()
    return found


def agrees(shown: str, got: str) -> bool:
    """Whether an output is what the page shows.

    `...` alone on a line stands for any lines, in a line for anything; how far columns stand apart does not count.
    """
    pattern = ""
    for line in shown.strip("\n").split("\n"):
        if line.strip() == "...":
            pattern += r"(?:.*\n)*"
            continue
        indent = line[: len(line) - len(line.lstrip())]
        parts = (re.escape(part) for part in line.strip().split("..."))
        pattern += indent + re.sub(r"(?:\\ ){2,}", " +", ".*".join(parts)) + r"[ \t]*\n"
    return re.fullmatch(pattern, got.strip("\n") + "\n") is not None
