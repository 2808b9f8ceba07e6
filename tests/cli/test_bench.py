"""`diagrasp bench`: what it prints, keeps and refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from diagrasp.formats import FormatRegistry
from diagrasp.layout import arrange
from diagrasp.model import Diagram

Draw = Callable[..., Path]

RIGHT = {
    "nodes": [{"id": "x", "label": "Проверить заявку", "box": [10, 30, 80, 50]}, {"id": "y", "label": "Ship"}],
    "edges": [{"source": "x", "target": "y"}],
}
HALF = {
    "nodes": [
        {"id": "x", "label": "Проверить заявку"},
        {"id": "y", "label": "Отказать <b>&", "box": [150, 30, 80, 50]},
    ],
    "edges": [{"source": "x", "target": "y"}],
    "kind": "bpmn",
}


@pytest.fixture
def cases(diagrasp: Any, draw: Draw) -> Path:
    """One picture that is read rightly by the engine `fake`, one by half, one whose reading fails."""
    folder = Path(diagrasp.folder, "in")
    for i, (name, truth) in enumerate({"good": RIGHT, "half": HALF, "crash": RIGHT}.items()):
        draw(f"in/{name}.png", i)
        (folder / f"{name}.json").write_text(json.dumps({"version": 1, "kind": "flowchart", **truth}), encoding="utf-8")
    draw("in/without-truth.png", 5)
    (folder / "INDEX.tsv").write_text("id\tbucket\thand_drawn\ngood\tnew\t0\nhalf\told\t1\n", encoding="utf-8")
    return folder


def rows(out: str) -> dict[str, list[str]]:
    """The printed tables' rows by their first cell."""
    cells = [[c.strip() for c in line.strip("|").split("|")] for line in out.splitlines() if line.startswith("|")]
    return {one[0]: one[1:] for one in cells}


def test_truths_of_pictures_without_json(diagrasp: Any, draw: Draw) -> None:
    """A source beside the picture, or in it; what cannot be read is told and left out."""
    folder = diagrasp.folder
    for name in ("beside", "two.drawio", "three", "damaged", "nothing"):
        draw(f"in/{name}.png")
    sketch = Diagram.model_validate(RIGHT)
    (folder / "in/beside.mmd").write_text("flowchart TB\n  x[Проверить заявку] --> y[Ship]\n", encoding="utf-8")
    (folder / "in/two.drawio").write_bytes(FormatRegistry().writer("drawio").write(arrange(sketch)).data)
    (folder / "in/three.bpmn20.xml").write_bytes(FormatRegistry().writer("bpmn").write(arrange(sketch)).data)
    (folder / "in/damaged.mmd").write_text("flowchart TB\n  x[", encoding="utf-8")
    (folder / "in/carried.png").write_bytes(FormatRegistry().writer("png").write(arrange(sketch)).data)
    done = diagrasp("bench", "in", "--engine", "fake", "--json")
    told = json.loads(done.out)
    assert sorted(one["name"] for one in told["results"]) == ["beside", "carried", "three", "two.drawio"]
    assert told["figures"]["node"] == 1
    (complaint,) = [line for line in done.err.splitlines() if "damaged" in line]
    assert "left out: " in complaint
    assert "line 2" in complaint


def test_the_tables(diagrasp: Any, cases: Path) -> None:
    done = diagrasp("bench", "in", "--engine", "fake", "--only", "id=good|half", "--worst", "1")
    assert done.code == 0, done.err
    found = rows(done.out)
    assert found["all"][:4] == ["2", "0.750", "0.500", "0.500"]
    assert found["new"][:2] == ["1", "1.000"]
    assert found["old"][:2] == ["1", "0.500"]
    assert found["ru"][0] == "2"  # no such column in the index: told by the letters
    assert found["half"][0] == "0.50"
    assert float(found["fake"][0]) <= float(found["fake"][2])
    assert found["ECE"][6] == "2"
    assert "2/2" in done.err


def test_times_of_ordinary_pictures_are_told_apart(diagrasp: Any, cases: Path) -> None:
    with Image.open(cases / "half.png") as small:
        small.resize((2000, 1500)).save(cases / "half.png")
    done = diagrasp("bench", "in", "--engine", "fake", "--only", "id=good|half")
    assert done.code == 0, done.err
    found = rows(done.out)
    times = found["1 up to 2 megapixels"]
    assert times[0] == times[1] == times[2]
    assert float(times[2]) <= float(found["fake"][2])
    assert times[3:] == ["", ""]
    told = json.loads(diagrasp("bench", "in", "--engine", "fake", "--only", "id=good|half", "--json").out)
    assert {r["name"]: r["megapixels"] for r in told["results"]}["half"] == 3.0
    assert told["seconds_up_to_2_megapixels"]["max"] <= told["seconds"]["max"]


def test_a_failure_counts_as_nothing_and_is_told(diagrasp: Any, cases: Path) -> None:
    done = diagrasp("bench", "in", "--engine", "fake", "--by", "bucket")
    assert done.code == 1
    assert rows(done.out)["all"][:2] == ["3", "0.500"]
    assert "1 of 3 pictures have no answer" in done.out
    assert [line for line in done.error_lines if "crash.png: the net fell over" in line]


def test_json_and_what_is_kept(diagrasp: Any, cases: Path) -> None:
    done = diagrasp(
        "bench", "in", "--engine", "fake", "--only", "hand_drawn=0|1", "--json", "--out", "out", "--jobs", "2"
    )
    assert done.code == 0, done.err
    told = json.loads(done.out)
    assert [r["name"] for r in told["results"]] == ["good", "half"]
    assert told["figures"]["node"] == 0.75
    assert told["by"]["bucket"]["new"]["exact"] == 1
    assert told["calibration"]["diagrams"]["bins"][9]["count"] == 2
    assert told["seconds"]["p50"] > 0
    out = Path(diagrasp.folder, "out")
    assert sorted(p.name for p in out.iterdir()) == ["good.json", "half.json", "report.html"]
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "Отказать &lt;b&gt;&amp;" in page
    assert "<b>&" not in page
    assert page.count("data:image/webp;base64,") == 2
    assert 'class="missed" x="150"' in page  # the place of the missed node is known from the truth
    assert "http://" not in page
    assert "https://" not in page
    again = diagrasp("bench", "in", "--found", "out", "--only", "hand_drawn=0|1", "--json")
    assert again.code == 0
    assert json.loads(again.out)["figures"] == told["figures"]


def test_the_users_cache_is_left_alone(diagrasp: Any, cases: Path) -> None:
    diagrasp("bench", "in", "--engine", "fake", "--only", "id=good")
    stats = json.loads(diagrasp("cache", "stats", "--json").out)
    assert stats["requests"] == 0


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("absent",), 1, "absent: no such folder"),
        (("empty",), 1, "empty holds no picture whose truth is known"),
        (("in", "--only", "colour=red"), 1, "no such column; there are bucket, hand_drawn, id"),
        (("in", "--only", "bucket=nothing"), 1, "with bucket=nothing"),
        (("in", "--only", "bucket"), 2, "is not KEY=VALUE"),
        (("in", "--engine", "crystal-ball"), 2, "no engine 'crystal-ball'"),
        (("in", "--out", "in"), 2, "would overwrite the truths"),
        (("in", "--found", "absent"), 1, "absent: no such folder"),
        (("broken",), 1, "bad.json is no diagram JSON"),
        (("unnamed",), 1, "has no column id"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    diagrasp: Any, draw: Draw, cases: Path, arguments: tuple[str, ...], code: int, message: str
) -> None:
    (diagrasp.folder / "empty").mkdir()
    for name in ("broken", "unnamed"):
        draw(f"{name}/bad.png")
    (diagrasp.folder / "broken/bad.json").write_text('{"nodes": 3}')
    (diagrasp.folder / "unnamed/bad.json").write_text(json.dumps({"version": 1, "kind": "state"}))
    (diagrasp.folder / "unnamed/INDEX.tsv").write_text("name\tbucket\nbad\tx\n")
    done = diagrasp("bench", *arguments)
    assert (done.code, done.out) == (code, "")
    (line,) = done.err.splitlines()
    assert message in line
