"""Each a clear line on stderr, nothing on stdout, 1 where it failed and 2 where it was called wrongly."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

Draw = Callable[..., Path]


def refused(done: Any, code: int, message: str) -> None:
    assert (done.code, done.out) == (code, ""), done
    (line,) = done.err.splitlines()
    assert line.startswith("diagrasp")
    assert message in line
    assert "Traceback" not in done.err


def test_not_an_image(diagrasp: Any) -> None:
    (diagrasp.folder / "notes.png").write_text("Проверить заявку\n")
    refused(diagrasp("recognize", "notes.png"), 1, "notes.png is not a picture that can be read")


def test_an_empty_file(diagrasp: Any) -> None:
    (diagrasp.folder / "empty.png").touch()
    refused(diagrasp("recognize", "empty.png"), 1, "empty.png is empty (0 bytes)")


def test_a_truncated_png(diagrasp: Any, draw: Draw) -> None:
    path = draw("cut.png")
    path.write_bytes(path.read_bytes()[:-60])
    refused(diagrasp("recognize", "cut.png"), 1, "cut.png is damaged")


def test_one_pixel(diagrasp: Any) -> None:
    Image.new("RGB", (1, 1)).save(diagrasp.folder / "dot.png")
    refused(diagrasp("recognize", "dot.png"), 1, "dot.png has 1 x 1 pixels: too small to show a diagram")


@pytest.mark.parametrize("suffix", ["png", "jpg"])
def test_all_white(diagrasp: Any, suffix: str) -> None:
    Image.new("RGB", (800, 600), "white").save(diagrasp.folder / f"white.{suffix}")
    refused(diagrasp("recognize", f"white.{suffix}"), 1, f"white.{suffix} is blank")


def test_a_photo_without_a_diagram(diagrasp: Any, noise: Callable[..., Image.Image]) -> None:
    noise().save(diagrasp.folder / "photo.png")
    done = diagrasp("recognize", "photo.png", "--to", "json")
    assert done.code == 0
    found = json.loads(done.out)
    assert (found["nodes"], found["edges"], found["groups"]) == ([], [], [])
    assert "no diagram was found in the picture" in done.err


def test_a_gradient(diagrasp: Any) -> None:
    Image.linear_gradient("L").resize((500, 400)).save(diagrasp.folder / "gradient.png")
    done = diagrasp("recognize", "gradient.png", "--to", "json")
    assert done.code == 0
    assert json.loads(done.out)["nodes"] == []
    assert "no diagram was found in the picture" in done.err


def test_a_header_of_gigapixels(diagrasp: Any) -> None:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", 50000, 50000, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    (diagrasp.folder / "bomb.png").write_bytes(b"\x89PNG\r\n\x1a\n" + body)
    refused(
        diagrasp("recognize", "bomb.png"), 1, "bomb.png has 50,000 x 50,000 pixels, more than the 64,000,000 allowed"
    )


def test_limits_are_settings(diagrasp: Any, draw: Draw) -> None:
    draw("a.png")
    done = diagrasp("recognize", "a.png", environment={"DIAGRASP_MAX_PIXELS": "1000"})
    refused(done, 1, "more than the 1,000 allowed (DIAGRASP_MAX_PIXELS)")
    done = diagrasp("recognize", "a.png", environment={"DIAGRASP_MAX_BYTES": "100"})
    refused(done, 1, "more than the 100 bytes allowed (DIAGRASP_MAX_BYTES)")


def test_paths_that_cannot_be_read(diagrasp: Any, draw: Draw) -> None:
    refused(diagrasp("recognize", "absent.png"), 1, "absent.png: No such file or directory")
    draw("a.png")
    refused(diagrasp("recognize", "a.png/b.png"), 1, "a.png/b.png: Not a directory")
    (diagrasp.folder / "loop.png").symlink_to("loop.png")
    refused(diagrasp("recognize", "loop.png"), 1, "loop.png: Too many levels of symbolic links")
    (diagrasp.folder / "folder").mkdir()
    refused(diagrasp("recognize", "folder"), 1, "folder is a folder; `diagrasp batch folder` reads the pictures in it")


def test_a_path_without_permission(diagrasp: Any, draw: Draw) -> None:
    path = draw("closed.png")
    path.chmod(0)
    try:
        path.read_bytes()
    except PermissionError:
        refused(diagrasp("recognize", "closed.png"), 1, "closed.png: Permission denied")
    else:  # a user whom permissions do not stop reads it
        assert diagrasp("recognize", "closed.png", "--engine", "fake").code == 0


def test_unknown_formats_and_engines(diagrasp: Any, draw: Draw) -> None:
    draw("a.png")
    refused(diagrasp("recognize", "a.png", "--to", "nonesuch"), 2, "no format 'nonesuch'; there are ")
    refused(diagrasp("recognize", "a.png", "--to", "ruined"), 1, "the format 'ruined' cannot be loaded")
    refused(diagrasp("recognize", "a.png", "--engine", "nonesuch"), 2, "no engine 'nonesuch'; there are auto, ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "the following arguments are required: COMMAND"),
        (("nonesuch",), "invalid choice: 'nonesuch'"),
        (("recognize",), "the following arguments are required: IMAGE"),
        (("recognize", "a.png", "--page", "0"), "'0' is no number from 1 on"),
        (("recognize", "a.png", "--page", "x"), "'x' is no number from 1 on"),
        (("recognize", "a.png", "--lang", "russian"), "'russian' is no list of language codes"),
        (("recognize", "a.png", "--option", "novalue"), "'novalue' is not KEY=VALUE"),
        (("recognize", "a.png", "--nonesuch"), "unrecognized arguments: --nonesuch"),
        (("convert", "a.mmd"), "the following arguments are required: --to"),
        (("serve", "--stdio", "--http"), "not allowed with argument --stdio"),
        (("serve", "--port", "8000"), "--host and --port belong to --http"),
        (("serve", "--http", "--port", "70000"), "'70000' is no port"),
        (("cache",), "the following arguments are required: ACTION"),
    ],
)
def test_misuse(diagrasp: Any, arguments: tuple[str, ...], message: str) -> None:
    refused(diagrasp(*arguments), 2, message)


def test_a_setting_that_cannot_be(diagrasp: Any, draw: Draw) -> None:
    draw("a.png")
    done = diagrasp("recognize", "a.png", environment={"DIAGRASP_TIMEOUT": "soon"})
    refused(done, 2, "DIAGRASP_TIMEOUT: ")


def test_a_page_that_is_not_there(diagrasp: Any, draw: Draw) -> None:
    refused(diagrasp("recognize", draw("a.png"), "--page", "3"), 1, "a.png has 1 page; there is no page 3")


def test_a_cache_that_cannot_be_written(diagrasp: Any, draw: Draw) -> None:
    draw("a.png")
    (diagrasp.folder / "file").write_text("no folder")
    for db in ("file/cache.db", "a.png"):
        done = diagrasp("recognize", "a.png", "--engine", "fake", "--to", "json", environment={"DIAGRASP_DB": db})
        assert done.code == 0
        assert json.loads(done.out)["nodes"]
        (line,) = done.err.splitlines()
        assert line.startswith("diagrasp: warning: ")
        assert "results are not kept" in line
    with Image.open(diagrasp.folder / "a.png") as image:
        assert image.size == (240, 120)  # and nothing was written into it


def test_a_full_disk(diagrasp: Any, draw: Draw) -> None:
    """/dev/full answers every write as a full disk does; a limit on file sizes stops SQLite in the same way."""
    import resource
    import subprocess

    draw("a.png")
    assert diagrasp("recognize", "a.png", "--engine", "fake").code == 0
    done = subprocess.run(
        diagrasp.command("recognize", "a.png", "--engine", "fake", "--to", "json", "--no-cache",
                         "--option", f"label={'y' * 100_000}"),
        cwd=diagrasp.folder, env=diagrasp.environment, capture_output=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000)),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["nodes"][0]["label"] == "y" * 100_000
    assert b"could not be cached" in done.stderr or b"results are not kept" in done.stderr
    if Path("/dev/full").exists():
        with Path("/dev/full").open("wb") as full:
            done = subprocess.run(
                diagrasp.command("recognize", "a.png", "--engine", "fake"),
                cwd=diagrasp.folder, env=diagrasp.environment, stdout=full, stderr=subprocess.PIPE,
            )  # fmt: skip
        assert done.returncode == 1
        assert b"No space left on device" in done.stderr
        assert b"Traceback" not in done.stderr
