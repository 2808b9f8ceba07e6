"""Words with nothing around them that arrows point at, or that lines lead from, on pictures drawn here."""

from __future__ import annotations

from paper import Page

from diagrasp.engines.embedded.graph.assemble import assemble
from diagrasp.engines.embedded.reading import load_reader
from diagrasp.engines.embedded.scene import understand


def read(page: Page) -> tuple[set[tuple[str, str]], set[str]]:
    """The edges by the labels of their ends, and the labels of the nodes that are words."""
    found, _ = assemble(understand(page.pixels), page.pixels, load_reader("net"))
    names = {n.id: n.label for n in found.nodes}
    joined = {(names[e.source], names[e.target]) for e in found.edges}
    return joined, {n.label for n in found.nodes if n.shape == "text"}


def test_an_arrow_ends_at_words_and_another_goes_on_from_them() -> None:
    page = Page()
    page.symbol("process", 110, 80, "Start", w=140, h=60)
    page.write(350, 80, "Check")
    page.symbol("process", 590, 80, "Done", w=140, h=60)
    page.arrow((180, 80), (320, 80))
    page.arrow((380, 80), (520, 80))
    assert read(page) == ({("Start", "Check"), ("Check", "Done")}, {"Check"})


def test_an_arrow_ends_at_an_invisible_box_around_its_words() -> None:
    page = Page()
    page.symbol("process", 110, 80, "Start", w=140, h=60)
    page.symbol("process", 350, 340, "Repeat", w=140, h=60)
    page.write(350, 80, "Check")
    page.arrow((180, 80), (290, 80))
    page.arrow((350, 310), (350, 110))
    assert read(page) == ({("Start", "Check"), ("Repeat", "Check")}, {"Check"})


def test_a_line_leads_from_words() -> None:
    page = Page()
    page.symbol("process", 590, 80, "Done", w=140, h=60)
    page.symbol("process", 590, 340, "Repeat", w=140, h=60)
    page.write(80, 80, "Given data")
    page.arrow((130, 80), (520, 80))
    page.arrow((590, 110), (590, 310))
    assert read(page) == ({("Given data", "Done"), ("Done", "Repeat")}, {"Given data"})


def test_words_on_a_line_name_it() -> None:
    page = Page()
    page.symbol("process", 110, 80, "Start", w=140, h=60)
    page.symbol("process", 590, 80, "Done", w=140, h=60)
    page.arrow((180, 80), (520, 80))
    page.erase(320, 70, 380, 90)
    page.write(350, 80, "Check")
    assert read(page) == ({("Start", "Done")}, set())


def test_words_beneath_a_symbol_are_no_node() -> None:
    page = Page()
    page.symbol("process", 350, 80, "Start", w=140, h=60)
    page.write(350, 122, "Check")
    page.symbol("process", 350, 340, "Repeat", w=140, h=60)
    page.arrow((350, 310), (350, 136))
    assert read(page)[1] == set()


def test_words_at_a_line_without_a_head_are_no_node() -> None:
    page = Page()
    page.symbol("process", 110, 80, "Start", w=140, h=60)
    page.symbol("process", 110, 340, "Repeat", w=140, h=60)
    page.arrow((110, 110), (110, 310))
    page.line((300, 80), (420, 80))
    page.write(460, 80, "Check")
    assert read(page) == ({("Start", "Repeat")}, set())


def test_a_dashed_arrow_ends_at_words() -> None:
    page = Page()
    page.symbol("process", 110, 80, "Start", w=140, h=60)
    page.symbol("process", 110, 340, "Repeat", w=140, h=60)
    page.write(590, 80, "Check")
    page.arrow((110, 110), (110, 310))
    page.arrow((180, 80), (550, 80))
    for x in range(190, 535, 18):
        page.erase(x, 76, x + 6, 84)
    assert read(page) == ({("Start", "Check"), ("Start", "Repeat")}, {"Check"})
