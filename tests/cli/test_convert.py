from __future__ import annotations

import json
import time
from typing import Any

import pytest

GRAPH = json.dumps(
    {"version": 1, "kind": "flowchart", "nodes": [{"id": "a", "label": "Заявка"}, {"id": "b"}],
     "edges": [{"source": "a", "target": "b"}]},
    ensure_ascii=False,
)  # fmt: skip


def test_by_suffix_to_stdout(diagrasp: Any) -> None:
    (diagrasp.folder / "g.json").write_text(GRAPH, "utf-8")
    done = diagrasp("convert", "g.json", "--to", "json")
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out)["edges"][0]["id"] == "e1"
    assert "Заявка" in done.out


def test_stdin_to_a_file(diagrasp: Any) -> None:
    done = diagrasp("convert", "-", "--from", "json", "--to", "mermaid", "-o", "g.mmd", input=GRAPH.encode())
    assert (done.code, done.out, done.err) == (0, "", "")
    assert "Заявка" in (diagrasp.folder / "g.mmd").read_text("utf-8")
    done = diagrasp("convert", "-", "--to", "json", input=(diagrasp.folder / "g.mmd").read_bytes())  # told by its looks
    assert json.loads(done.out)["nodes"][0]["label"] == "Заявка"


def test_losses_are_told_on_stderr(diagrasp: Any) -> None:
    (diagrasp.folder / "g.json").write_text(GRAPH, "utf-8")
    done = diagrasp("convert", "g.json", "--to", "bytes", "-o", "g.bin")
    assert (done.code, done.out) == (0, "")
    assert done.err == "diagrasp: lost: edges are lost\n"
    assert (diagrasp.folder / "g.bin").read_bytes() == b"\x00\xff" + "Заявка".encode()
    assert diagrasp("convert", "g.json", "--to", "bytes").raw == b"\x00\xff" + "Заявка".encode()


def test_options(diagrasp: Any) -> None:
    (diagrasp.folder / "g.json").write_text(GRAPH, "utf-8")
    done = diagrasp("convert", "g.json", "--to", "json", "--option", "indent=0")
    assert done.out.count("\n") == 1
    done = diagrasp("convert", "g.json", "--to", "json", "--option", "indnet=0")
    assert (done.code, done.out) == (1, "")
    assert done.err == "diagrasp: error: g.json: the format json has no option 'indnet'; it has indent\n"


@pytest.mark.parametrize(
    ("arguments", "text", "code", "message"),
    [
        (("g.json", "--to", "json"), '{"version": 1,\n "nodes": [}', 1, "g.json: line 2, column"),
        (("g.json", "--to", "json"), '{"version": 1, "nodes": [{"id": "a"}, {"id": "a"}]}', 1, "used twice"),
        (("g.json", "--to", "json", "--page", "2"), GRAPH, 1, "no page 2"),
        (("g.json", "--to", "nonesuch"), GRAPH, 2, "no format 'nonesuch'"),
        (("g.json", "--from", "nonesuch", "--to", "json"), GRAPH, 2, "no format 'nonesuch'"),
        (("g.json", "--from", "bytes", "--to", "json"), GRAPH, 2, "bytes can be written but not read"),
        (("g.xyz", "--to", "json"), "just words", 1, "cannot tell the format"),
        (("absent.json", "--to", "json"), None, 1, "absent.json: No such file"),
        ((".", "--to", "json"), None, 1, "is a folder"),
        (("g.json", "--to", "json", "-o", "no/such/folder/g.json"), GRAPH, 1, "No such file or directory"),
    ],
)
def test_what_cannot_be(diagrasp: Any, arguments: tuple[str, ...], text: str | None, code: int, message: str) -> None:
    if text is not None:
        (diagrasp.folder / arguments[0]).write_text(text, "utf-8")
    done = diagrasp("convert", *arguments)
    assert (done.code, done.out) == (code, "")
    (line,) = done.err.splitlines()
    assert line.startswith("diagrasp: error: ")
    assert message in line
    assert not list(diagrasp.folder.glob(".*"))


def test_a_writer_that_never_ends_is_left_behind(diagrasp: Any) -> None:
    graph = '{"version": 1, "title": "endless", "kind": "flowchart", "nodes": [{"id": "a"}], "edges": []}'
    started = time.monotonic()
    done = diagrasp("convert", "-", "--to", "bytes", input=graph.encode(), environment={"DIAGRASP_TIMEOUT": "0.5"})
    assert time.monotonic() - started < 60
    assert (done.code, done.out) == (1, "")
    assert done.err == "diagrasp: error: no answer within 0.5 s (DIAGRASP_TIMEOUT)\n"
