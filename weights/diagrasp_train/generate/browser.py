"""The drawing tools that live in a browser, behind one child process (tools/render_examples/render.mjs)."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any, Self


class RenderError(RuntimeError):
    """A tool could not draw a source; the message is the tool's own."""


class Browser:
    """One Chromium for many drawings.

    Args:
        tools: the folder tools/render_examples, after `npm install` there.
    """

    def __init__(self, tools: Path) -> None:
        if not (tools / "node_modules").is_dir():
            raise RenderError(f"{tools} has no node_modules: run `npm install` there first")
        self._process = subprocess.Popen(
            ["node", "render.mjs"],  # noqa: S607
            cwd=tools,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self._count = 0

    def draw(self, tool: str, source: str, out: Path, **job: Any) -> dict[str, Any]:
        """Draw a source into a PNG file and return the geometry in CSS pixels, with `scale` and `origin`.

        Raises:
            RenderError: the tool refused the source or the child process died.
        """
        self._count += 1
        job = {"id": str(self._count), "tool": tool, "source": source, "out": str(out.absolute()), **job}
        if self._process.stdin is None or self._process.stdout is None:
            raise RenderError("the browser's process has no pipes")
        self._process.stdin.write(json.dumps(job, ensure_ascii=False) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RenderError("the browser's process ended")
        answer = json.loads(line)
        if "error" in answer:
            raise RenderError(f"{tool}: {answer['error']}")
        geometry: dict[str, Any] = answer["geometry"]
        return geometry

    def close(self) -> None:
        """End the child process."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
