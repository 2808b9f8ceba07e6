"""Drawings whose symbols are named by single letters and numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from paper import Page

from diagrasp.engines.embedded.graph.assemble import assemble
from diagrasp.engines.embedded.graph.lettered import one_script
from diagrasp.engines.embedded.reading import Reading, load_reader
from diagrasp.engines.embedded.scene import understand
from diagrasp.model import Diagram


def _read(page: Page) -> Diagram:
    return assemble(understand(page.pixels), page.pixels, load_reader("net"))[0]


@pytest.mark.parametrize("size", [12, 20])
def test_boxes_named_by_letters(size: int) -> None:
    """Nothing stands in rows here, and yet the letters tell how large the drawing is; A, B and C are not Cyrillic."""
    page = Page(20 * size, 6 * size)
    for k, name in enumerate("ABC"):
        x = (3.5 + 6.5 * k) * size
        page.symbol("process", x, 3 * size, w=3.6 * size, h=2.6 * size)
        page.write(x, 3 * size, name, size)
        if k:
            page.arrow((x - 4.5 * size, 3 * size), (x - 2 * size, 3 * size))
    diagram = _read(page)
    names = {n.id: n.label for n in diagram.nodes}
    assert diagram.kind == "flowchart"
    assert [(names[e.source], names[e.target]) for e in diagram.edges] == [("A", "B"), ("B", "C")]


def test_letters_in_small_symbols_are_no_signs() -> None:
    """The circle is as small as an event, the diamond as a gateway; beside boxes with letters they have letters."""
    page = Page(480, 100)
    for x, shape, name in ((50, "process", "P"), (170, "decision", "Q"), (290, "circle", "R"), (410, "process", "S")):
        side = 60 if shape == "decision" else 44
        page.symbol(shape, x, 50, w=side, h=side)
        page.write(x, 50, name, 16)
    for x0, x1 in ((73, 138), (202, 266), (314, 386)):
        page.arrow((x0, 50), (x1, 50))
    diagram = _read(page)
    found = sorted((n.label, n.shape) for n in diagram.nodes)
    assert found == [("P", "process"), ("Q", "decision"), ("R", "circle"), ("S", "process")]
    assert diagram.kind == "flowchart"
    assert len(diagram.edges) == 3


def test_a_circle_with_a_letter_is_where_a_flow_goes_on() -> None:
    """Few symbols are named by letters here, and yet a letter of the print's size in a small circle is no event."""
    page = Page(820, 120)
    page.symbol("circle", 60, 60, "A", w=40, h=40)
    page.arrow((82, 60), (126, 60))
    for k, words in enumerate(("Check the order", "Ship the goods")):
        page.symbol("rounded", 216 + 230 * k, 60, words, w=170, h=60)
    page.arrow((302, 60), (358, 60))
    page.arrow((532, 60), (606, 60))
    page.symbol("circle", 630, 60, "B", w=40, h=40)
    diagram = _read(page)
    names = {n.id: n.label for n in diagram.nodes}
    assert diagram.kind == "flowchart"
    assert [(n.label, n.shape) for n in diagram.nodes if n.shape == "circle"] == [("A", "circle"), ("B", "circle")]
    assert {(names[e.source], names[e.target]) for e in diagram.edges} == {
        ("A", "Check the order"), ("Check the order", "Ship the goods"), ("Ship the goods", "B")
    }  # fmt: skip


class _Reader:
    """Reads in Latin what it is told to."""

    name, revision = "told", "1"

    def __init__(self, *latin: Reading) -> None:
        self.latin = latin

    def read(self, lines: Sequence[NDArray[np.uint8]]) -> list[Reading]:
        raise NotImplementedError

    def read_latin(self, lines: Sequence[NDArray[np.uint8]]) -> list[Reading]:
        return list(self.latin[: len(lines)])


@pytest.mark.parametrize(
    ("seen", "latin", "expected"),
    [
        ("А В С", "A B C", "A B C"),  # nothing tells, but Russian would count А, Б, В
        ("А Б В", "A 5 B", "А Б В"),
        ("А D по", "A ? no", "A D no"),  # the second reading is the surer one
        ("Да Нет", "Aa Hem", "Да Нет"),
    ],
)
def test_the_script_of_short_names(seen: str, latin: str, expected: str) -> None:
    first = [Reading(t, 0.7) for t in seen.split()]
    better = [Reading(t, 0.9 if t in ("A", "B", "C", "no") else 0.5) for t in latin.split() if t != "?"]
    blank = np.zeros((8, 8), np.uint8)
    found = one_script(first, [blank] * len(first), _Reader(*better))
    assert " ".join(r.text for r in found) == expected


@pytest.mark.parametrize(
    ("seen", "sure", "latin", "as_sure", "expected"),
    [
        ("нет", 0.97, "Het", 0.9, "нет"),  # what such words say is known
        ("Триггеры", 0.93, "Tpurrepo", 0.7, "Триггеры"),  # letters that Latin has not, and read well
        ("Вывод sorted", 0.48, "Bbbog sorted", 0.25, "Вывод sorted"),
        ("по", 0.89, "no", 0.75, "no"),  # short, and Latin nearly as surely
        ("по", 0.83, "n0", 0.6, "n0"),  # small, so that neither is sure
        ("С++", 0.72, "C++", 0.4, "C++"),  # letters that both have
        ("э", 0.55, ">", 0.9, ">"),
    ],
)
def test_russian_words_beside_code_stay(seen: str, sure: float, latin: str, as_sure: float, expected: str) -> None:
    code = [Reading("for (i = 0; i < array.Length; i++)", 0.9), Reading("result[count] = array[i];", 0.9)] * 2
    crops = [np.zeros((8, 8), np.uint8)] * (len(code) + 1)
    found = one_script([*code, Reading(seen, sure)], crops, _Reader(Reading(latin, as_sure)))
    assert [r.text for r in found] == [*(r.text for r in code), expected]


def test_circles_that_number_steps_are_no_events() -> None:
    page = Page(760, 260)
    for k, name in enumerate(("Order", "Check", "Pack", "Send")):
        x = 100 + 185 * k
        page.symbol("process", x, 160, name, w=110, h=60)
        page.oval(x - 60, 60, x - 34, 86)
        page.write(x - 47, 73, str(k + 1), 14)
        page.write(x + 18, 73, "Step one by one"[: 8 + k], 14)
        if k:
            page.arrow((x - 130, 160), (x - 55, 160))
    diagram = _read(page)
    assert diagram.kind == "flowchart"
    assert sorted(n.label for n in diagram.nodes if n.shape == "circle") == ["1", "2", "3", "4"]
    assert sorted(n.label for n in diagram.nodes if n.shape != "circle") == ["Check", "Order", "Pack", "Send"]


def test_keys_of_tables_are_latin() -> None:
    tables = [Reading(t, 0.95) for t in ("РК", "номер заказа", "FK", "номер клиента", "РК", "дата")]
    crops = [np.zeros((8, 8), np.uint8)] * len(tables)
    assert [r.text for r in one_script(tables, crops, _Reader())] == [
        "PK", "номер заказа", "FK", "номер клиента", "PK", "дата",
    ]  # fmt: skip
    regions, reader = [Reading("РК", 0.9), Reading("РФ", 0.9)], _Reader(Reading("PK", 0.5), Reading("P0", 0.3))
    assert one_script(regions, crops[:2], reader) == regions
