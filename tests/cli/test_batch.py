from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

Draw = Callable[..., Path]


def tree(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.json"))


def test_a_tree_of_pictures(diagrasp: Any, draw: Draw) -> None:
    for i, name in enumerate(("in/a.png", "in/a.jpg", "in/deep/er/b.png", "in/.hidden/c.png", "in/.d.png")):
        draw(name, i)
    (diagrasp.folder / "in" / "readme.txt").write_text("no picture")
    done = diagrasp("batch", "in", "--engine", "fake", "--to", "json", "--out", "out")
    assert (done.code, done.out) == (0, "")
    assert tree(diagrasp.folder / "out") == ["a.jpg.json", "a.png.json", "deep/er/b.json"]
    assert done.error_lines[-1] == "diagrasp: 3 pictures: 3 written, 0 up to date, 0 failed"


def test_it_goes_on_where_it_stopped(diagrasp: Any, draw: Draw) -> None:
    first, second = draw("in/a.png", 1), draw("in/b.png", 2)
    for path in (first, second):
        os.utime(path, (1_000_000, 1_000_000))
    (diagrasp.folder / "in" / "a.json").write_text("{}")  # newer than its picture
    done = diagrasp("batch", "in", "--engine", "fake", "--to", "json")
    assert done.error_lines[-1] == "diagrasp: 2 pictures: 1 written, 1 up to date, 0 failed"
    assert (diagrasp.folder / "in" / "a.json").read_text() == "{}"
    assert json.loads((diagrasp.folder / "in" / "b.json").read_text())["nodes"]
    done = diagrasp("batch", "in", "--engine", "fake", "--to", "json", "--force")
    assert done.error_lines[-1] == "diagrasp: 2 pictures: 2 written, 0 up to date, 0 failed"
    assert json.loads((diagrasp.folder / "in" / "a.json").read_text())["nodes"]


def test_failures_do_not_stop_it(diagrasp: Any, draw: Draw) -> None:
    draw("in/crash.png", 1)
    draw("in/good.png", 2)
    done = diagrasp("batch", "in", "--engine", "fake", "--to", "json")
    assert (done.code, done.out) == (1, "")
    assert "crash.png: the net fell over" in done.err
    assert done.error_lines[-1] == "diagrasp: 2 pictures: 1 written, 0 up to date, 1 failed"
    assert tree(diagrasp.folder) == ["in/good.json"]


def test_folders_that_will_not_do(diagrasp: Any, draw: Draw) -> None:
    (diagrasp.folder / "empty").mkdir()
    draw("a.png")
    for folder, message in (
        ("empty", "empty holds no pictures (png, jpg"),
        ("absent", "absent: no such folder"),
        ("a.png", "a.png is no folder"),
    ):
        done = diagrasp("batch", folder, "--to", "json")
        assert (done.code, done.out) == (1, "")
        (line,) = done.err.splitlines()
        assert message in line


def test_results_that_would_be_read_as_pictures(diagrasp: Any, draw: Draw) -> None:
    draw("in/a.png")
    for out in ([], ["--out", "in/out"]):
        done = diagrasp("batch", "in", "--engine", "fake", "--to", "png", *out)
        assert (done.code, done.out) == (2, "")
        assert "give --out outside of in" in done.err
    assert diagrasp("batch", "in", "--engine", "fake", "--to", "png", "--out", "out").code == 0
    assert (diagrasp.folder / "out" / "a.png").read_bytes().startswith(b"\x89PNG")
