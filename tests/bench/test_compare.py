"""The comparison with other programs judges all of them by one measure."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from diagrasp.bench.cases import Case
from diagrasp.model import Diagram

PROGRAM = Path(__file__).parents[2] / "tools/compare/compare.py"
TRUTH = Diagram.model_validate(
    {
        "nodes": [{"id": "a", "label": "Проверить заявку клиента"}, {"id": "b", "label": "Ship"}],
        "edges": [{"source": "a", "target": "b", "label": "да"}],
    }
)
CASE = Case("one", Path("one.png"), TRUTH, {})


@pytest.fixture(scope="module")
def compare() -> ModuleType:
    spec = spec_from_file_location("compare", PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_lines_of_text_are_judged_by_words_and_blocks(compare: ModuleType) -> None:
    lines = [[10, 10, 90, 22, "Проверить"], [12, 26, 88, 38, "заявку клиента"], [200, 10, 240, 22, "Shop"]]
    found = compare.judge(CASE, {"lines": lines, "seconds": 2})
    assert found == {"seconds": 2.0, "words": pytest.approx(3 / 5), "labels": pytest.approx(1 / 3)}


def test_lines_far_apart_are_no_block(compare: ModuleType) -> None:
    lines = [[10, 10, 90, 22, "Проверить"], [12, 126, 88, 138, "заявку клиента"]]
    assert compare.judge(CASE, {"lines": lines, "seconds": 2})["labels"] == 0


def test_graphs_are_judged_by_the_metric(compare: ModuleType) -> None:
    assert compare.judge(CASE, {"diagram": TRUTH, "seconds": 1}) == {
        "seconds": 1.0, "words": 1, "labels": 1, "node": 1, "edge": 1,
    }  # fmt: skip
    bare = {"nodes": [{"id": "0", "label": "Ship"}], "edges": [], "seconds": 1}
    assert compare.judge(CASE, bare)["node"] == pytest.approx(2 / 3)
    assert compare.judge(CASE, {"error": "it fell over", "seconds": 1})["words"] == 0


def test_the_table_has_dashes_where_there_is_no_figure(compare: ModuleType) -> None:
    text = compare.table({"tesseract": [{"seconds": 1.0, "words": 0.5, "labels": 0.25}]})
    assert text.splitlines()[-1] == "| tesseract | 1 | 0.500 | 0.250 | - | - | 1.00 | 1.00 |"
