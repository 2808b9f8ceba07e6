"""Tables that plain arrows join: no end says how many there are, and the arrows point."""

from __future__ import annotations

import pytest

from diagrasp.engines.embedded.uml.relations import Ends, related
from diagrasp.model import Edge, Point

LEFTWARDS = (Point(400, 50), Point(100, 50))


@pytest.mark.parametrize(
    "ends", [Ends("arrow", "none"), Ends("arrow", "none", many="one"), Ends("none", "none", few="one")]
)
def test_arrows_point_where_nothing_says_many(ends: Ends) -> None:
    """An arrow's head passes for the bar of a crow's foot; the line runs against the way one reads."""
    edge = Edge(id="e1", source="orders", target="clients", head="arrow", path=LEFTWARDS)
    found = related(edge, ends, "er", level=True, many=False)
    assert (found.source, found.target, found.head, found.tail) == ("orders", "clients", "arrow", "none")
    turned = edge.replace(head="none", tail="arrow")
    found = related(turned, ends, "er", level=True, many=False)
    assert (found.source, found.target, found.head, found.tail) == ("clients", "orders", "arrow", "none")


def test_relations_go_as_one_reads_where_an_end_says_many() -> None:
    edge = Edge(id="e1", source="orders", target="clients", head="arrow", path=LEFTWARDS)
    found = related(edge, Ends("arrow", "none", many="one", few="zero_or_many"), "er", level=True, many=True)
    assert (found.source, found.target, found.head, found.tail) == ("clients", "orders", "zero_or_many", "one")


def test_lines_without_heads_go_as_one_reads() -> None:
    edge = Edge(id="e1", source="orders", target="clients", head="none", path=LEFTWARDS)
    found = related(edge, Ends("none", "none"), "er", level=True, many=False)
    assert (found.source, found.target) == ("clients", "orders")


def test_which_ends_say_many() -> None:
    assert Ends("none", "none", many="one", few="zero_or_many").plural
    assert Ends("none", "none", many="many").plural
    assert not Ends("arrow", "none", many="one", few="zero_or_one").plural
