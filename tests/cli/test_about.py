"""`formats`, `engines`, `doctor`, `cache`, `--version`, `--help`."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from diagrasp import __version__

Draw = Callable[..., Path]


def test_formats(diagrasp: Any) -> None:
    done = diagrasp("formats")
    assert (done.code, done.err) == (0, "")
    assert re.search(r"^json +read/write +\.json +Diagram JSON$", done.out, re.MULTILINE)
    assert re.search(r"^bytes +write +\.bin +Bytes \(diagrasp-fake\)$", done.out, re.MULTILINE)
    assert re.search(r"^ruined +broken +.*Nonesuch.* \(diagrasp-fake\)$", done.out, re.MULTILINE)
    assert re.search(r"json: --option indent=\.\.\.  spaces", done.out)
    rows = {row["id"]: row for row in json.loads(diagrasp("formats", "--json").out)}
    assert rows["json"]["reads"]
    assert rows["json"]["writes"]
    assert rows["json"]["origin"] == "diagrasp"
    assert "Nonesuch" in rows["ruined"]["broken"]


def test_engines(diagrasp: Any) -> None:
    done = diagrasp("engines")
    assert (done.code, done.err) == (0, "")
    assert re.search(r"^fake +works +Fake$", done.out, re.MULTILINE)
    assert "fake: its language data is missing; install it" in done.out
    assert "fake: --option label=...  of the first step" in done.out
    rows = {row["id"]: row for row in json.loads(diagrasp("engines", "--json").out)}
    assert rows["fake"]["works"]
    assert {"embedded", "qwen3-vl"} <= set(rows)


def test_plugins_of_others_can_be_switched_off(diagrasp: Any) -> None:
    off = {"DIAGRASP_PLUGINS": "off"}
    assert "fake" not in diagrasp("engines", environment=off).out
    assert "bytes" not in diagrasp("formats", environment=off).out


def test_doctor(diagrasp: Any) -> None:
    done = diagrasp("doctor")
    assert done.err == ""
    verdicts = {line.split()[0] for line in done.out.splitlines()}
    assert verdicts <= {"ok", "note", "BAD"}
    assert (done.code == 1) == ("BAD" in verdicts)
    for expected in (
        rf"^ok +diagrasp +{re.escape(__version__)} on Python",
        r"^(ok|note) +machine +\d+ cores, [\d.]+ GB of memory",
        r"^ok +packages +pillow [\d.]+, numpy",
        r"^ok +formats +.*\bjson\b",
        r"^note +format ruined +cannot be loaded: .*; update or uninstall diagrasp-fake$",
        r"^note +engine fake +its language data is missing; install it$",
        r"^ok +settings +set here: DIAGRASP_DB$",
        r"^ok +cache +.*diagrasp\.db, 0 results",
        r"^\w+ +engine embedded ",
    ):
        assert re.search(expected, done.out, re.MULTILINE), (expected, done.out)


def test_doctor_says_what_is_wrong_and_what_to_do(diagrasp: Any) -> None:
    (diagrasp.folder / "file").write_text("x")
    environment = {"DIAGRASP_DB": "file/cache.db", "DIAGRASP_ENGINE": "nonesuch"}
    done = diagrasp("doctor", environment=environment)
    assert done.code == 1
    assert re.search(r"^BAD +engine nonesuch +not installed, but DIAGRASP_ENGINE asks for it$", done.out, re.MULTILINE)
    assert re.search(r"^note +cache +results are not kept: .*set DIAGRASP_DB", done.out, re.MULTILINE)


def test_cache(diagrasp: Any, draw: Draw) -> None:
    assert diagrasp("recognize", draw("a.png"), "--engine", "fake", "--to", "json").code == 0
    done = diagrasp("cache", "stats")
    assert (done.code, done.err) == (0, "")
    assert re.search(r"^results +1 \([\d,]+ bytes\)$", done.out, re.MULTILINE)
    assert re.search(r"^requests +1 since .*, 0 failed, 0 answered from the cache$", done.out, re.MULTILINE)
    assert re.search(r"^  by fake: 1$", done.out, re.MULTILINE)

    done = diagrasp("cache", "backup", "copy.db")
    assert (done.code, done.out, done.err) == (0, "", "")
    with sqlite3.connect(diagrasp.folder / "copy.db") as copy:
        assert copy.execute("SELECT COUNT(*) FROM results").fetchone() == (1,)
    copy.close()

    done = diagrasp("cache", "clear")
    assert (done.code, done.out) == (0, "")
    assert "1 results dropped" in done.err
    assert json.loads(diagrasp("cache", "stats", "--json").out)["results"] == 0


def test_cache_where_there_is_none(diagrasp: Any) -> None:
    (diagrasp.folder / "file").write_text("x")
    environment = {"DIAGRASP_DB": "file/cache.db"}
    for action in (["clear"], ["backup", "copy.db"]):
        done = diagrasp("cache", *action, environment=environment)
        assert (done.code, done.out) == (1, "")
        assert done.err.startswith("diagrasp: error: ")
        assert done.err.count("\n") == 1
    done = diagrasp("cache", "backup", "no/such/copy.db")
    assert (done.code, done.out) == (1, "")
    assert "cannot write the backup" in done.err


def test_version(diagrasp: Any) -> None:
    assert diagrasp("--version").out == f"diagrasp {__version__}\n"


@pytest.mark.parametrize(
    "command", ["", "recognize", "convert", "serve", "formats", "engines", "doctor", "cache", "batch"]
)
def test_help(diagrasp: Any, command: str) -> None:
    done = diagrasp(*command.split(), "--help")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"usage: diagrasp {command}".rstrip())
    assert all(len(line) <= 110 for line in done.out.splitlines())
