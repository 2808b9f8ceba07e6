from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from diagrasp.model import Diagram

Draw = Callable[..., Path]


def test_one_picture_goes_to_stdout(diagrasp: Any, draw: Draw) -> None:
    done = diagrasp("recognize", draw("a.png"), "--engine", "fake", "--to", "json")
    assert (done.code, done.err) == (0, "")
    made = json.loads(done.out)
    assert made["version"] == 1
    assert [node["label"] for node in made["nodes"]] == ["Проверить заявку", "Ship"]
    assert "Проверить" in done.out  # not escaped
    assert Diagram.from_json(done.out).edges[0].source == "a"
    assert [path.name for path in diagrasp.folder.iterdir()] == ["a.png"]


def test_mermaid_is_the_default(diagrasp: Any, draw: Draw) -> None:
    done = diagrasp("recognize", draw("a.png"), "--engine", "fake")
    assert done.code == 0
    assert done.out.startswith("flowchart")
    assert "Проверить заявку" in done.out


def test_stdin(diagrasp: Any, draw: Draw) -> None:
    data = draw("a.png").read_bytes()
    done = diagrasp("recognize", "-", "--engine", "fake", "--to", "json", input=data)
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out)["nodes"]


@pytest.mark.parametrize(
    "locale", [{"LC_ALL": "C"}, {"PYTHONIOENCODING": "cp1251"}, {"PYTHONUTF8": "0", "LC_ALL": "POSIX"}]
)
def test_stdout_is_utf8_whatever_the_locale(diagrasp: Any, draw: Draw, locale: dict[str, str]) -> None:
    done = diagrasp("recognize", draw("заявка.png"), "--engine", "fake", "--to", "json", environment=locale)
    assert done.code == 0
    assert json.loads(done.raw.decode("utf-8"))["nodes"][0]["label"] == "Проверить заявку"


def test_out_gets_a_file_by_the_formats_suffix(diagrasp: Any, draw: Draw) -> None:
    done = diagrasp("recognize", draw("схема.png"), "--engine", "fake", "--out", "new/folder")
    assert (done.code, done.out) == (0, "")
    assert "1/1" in done.err  # the bar
    (path,) = (diagrasp.folder / "new" / "folder").iterdir()
    assert path.name == "схема.mmd"
    assert "Проверить" in path.read_text("utf-8")


def test_several_pictures_one_of_them_bad(diagrasp: Any, draw: Draw) -> None:
    good = [draw("one.png", 1), draw("two.png", 2), draw("deep/three.png", 3)]
    bad = diagrasp.folder / "bad.png"
    bad.write_text("no picture")
    done = diagrasp(
        "recognize", good[0], bad, *good[1:], "absent.png", "--engine", "fake", "--to", "json", "--out", "o"
    )
    assert (done.code, done.out) == (1, "")
    assert sorted(path.name for path in (diagrasp.folder / "o").iterdir()) == ["one.json", "three.json", "two.json"]
    errors = [line for line in done.err.replace("\r", "\n").splitlines() if line.startswith("diagrasp: error: ")]
    assert len(errors) == 2
    assert any("bad.png is not a picture" in line for line in errors)
    assert any("absent.png: No such file" in line for line in errors)
    assert "5/5" in done.err


def test_several_pictures_without_out_go_here(diagrasp: Any, draw: Draw) -> None:
    done = diagrasp("recognize", draw("x/one.png", 1), draw("x/two.png", 2), "--engine", "fake")
    assert (done.code, done.out) == (0, "")
    assert sorted(path.name for path in diagrasp.folder.glob("*.mmd")) == ["one.mmd", "two.mmd"]


def test_names_that_collide(diagrasp: Any, draw: Draw) -> None:
    pictures = [
        draw("a.png", 1),
        draw("a.jpg", 2),
        draw("A.bmp", 3),
        draw("b.png", 4),
        draw("sub/b.png", 5),
        draw("c.png", 6),
    ]
    done = diagrasp("recognize", *pictures, pictures[0], "--engine", "fake", "--to", "json", "--out", "o")
    assert done.code == 0
    assert sorted(path.name for path in (diagrasp.folder / "o").iterdir()) == [
        "A.bmp.json", "a.jpg.json", "a.png.json", "b.png-2.json", "b.png.json", "c.json",
    ]  # fmt: skip


def test_a_picture_is_never_overwritten(diagrasp: Any, draw: Draw) -> None:
    picture = draw("a.png").rename(diagrasp.folder / "a.bin")
    before = picture.read_bytes()
    done = diagrasp("recognize", picture, "--engine", "fake", "--to", "bytes", "--out", ".")
    assert done.code == 0
    assert picture.read_bytes() == before
    assert (diagrasp.folder / "a.bin.bin").read_bytes().startswith(b"\x00\xff")


def test_files_appear_whole_or_not_at_all(diagrasp: Any, draw: Draw) -> None:
    draw("a.png")
    out = diagrasp.folder / "o"
    out.mkdir()
    (out / "a.json").mkdir()  # in the way
    done = diagrasp("recognize", "a.png", "--engine", "fake", "--to", "json", "--out", "o")
    assert done.code == 1
    assert "cannot write" in done.err
    assert [path.name for path in out.iterdir()] == ["a.json"]


def test_an_out_that_cannot_be(diagrasp: Any, draw: Draw) -> None:
    draw("a.png")
    done = diagrasp("recognize", "a.png", "--engine", "fake", "--out", "a.png/below")
    assert (done.code, done.out) == (1, "")
    assert "cannot write" in done.err


def test_options_find_their_place(diagrasp: Any, draw: Draw) -> None:
    draw("a.png")
    done = diagrasp(
        "recognize", "a.png", "--engine", "fake", "--to", "json", "--option", "label=New=one", "--option", "indent=0"
    )
    assert done.code == 0
    assert done.out.count("\n") == 1
    assert json.loads(done.out)["nodes"][0]["label"] == "New=one"
    done = diagrasp("recognize", "a.png", "--engine", "fake", "--to", "json", "--option", "lable=x")
    assert (done.code, done.out) == (1, "")
    assert done.error_lines == ["diagrasp: error: a.png: the engine fake has no option 'lable'; it has label"]


def test_warnings_go_to_stderr(diagrasp: Any, draw: Draw) -> None:
    done = diagrasp("recognize", draw("unsure.png"), "--engine", "fake", "--to", "json")
    assert done.code == 0
    (line,) = done.error_lines
    assert line.startswith("diagrasp: warning: ")
    assert "low confidence (0.20)" in line
    assert "unsure.png" in line
    json.loads(done.out)


def test_the_cache_and_no_cache(diagrasp: Any, draw: Draw) -> None:
    for _ in range(2):
        assert diagrasp("recognize", draw("a.png"), "--engine", "fake").code == 0
    assert json.loads(diagrasp("cache", "stats", "--json").out)["cached"] == 1
    assert diagrasp("recognize", "a.png", "--engine", "fake", "--no-cache").code == 0
    found = json.loads(diagrasp("cache", "stats", "--json").out)
    assert (found["cached"], found["requests"], found["results"]) == (1, 3, 1)


def test_data_that_is_no_text(diagrasp: Any, draw: Draw) -> None:
    done = diagrasp("recognize", draw("a.png"), "--engine", "fake", "--to", "bytes")
    assert done.code == 0
    assert done.raw == b"\x00\xff" + "Проверить заявку".encode()
    assert "edges are lost" in done.err


def test_an_engine_that_fails(diagrasp: Any, draw: Draw) -> None:
    done = diagrasp("recognize", draw("crash.png"), "--engine", "fake")
    assert (done.code, done.out) == (1, "")
    (line,) = done.err.splitlines()
    assert "crash.png: the net fell over" in line


def test_a_reader_that_goes_away(diagrasp: Any, draw: Draw) -> None:
    process = subprocess.Popen(
        diagrasp.command("recognize", draw("a.png"), "--engine", "fake", "--to", "json",
                         "--option", f"label={'x' * 120_000}"),
        cwd=diagrasp.folder, env=diagrasp.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.read(10)
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(30) == 1


def test_interrupted(diagrasp: Any, draw: Draw) -> None:
    process = subprocess.Popen(
        diagrasp.command("recognize", draw("slow.png"), draw("b.png", 1), "--engine", "fake", "--out", "o"),
        cwd=diagrasp.folder, env=diagrasp.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        # A shell starts background jobs with SIGINT ignored, and children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while not (diagrasp.folder / "o" / "b.mmd").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (130, b"")
    assert "interrupted" in err.decode()
    assert "Traceback" not in err.decode()
    assert [path.name for path in (diagrasp.folder / "o").iterdir()] == ["b.mmd"]
