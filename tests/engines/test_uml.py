"""Boxes with compartments, relation heads, stick figures, shadows and end marks, on pictures drawn here."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from paper import Page

from diagrasp.engines.embedded.drawing import Scene
from diagrasp.engines.embedded.graph.assemble import assemble
from diagrasp.engines.embedded.lines.connectors import Connector
from diagrasp.engines.embedded.picture.raster import prepare, prepare_twice
from diagrasp.engines.embedded.reading import load_reader
from diagrasp.engines.embedded.scene import understand
from diagrasp.engines.embedded.uml.behind import joined_behind
from diagrasp.engines.embedded.uml.entities import are_entities
from diagrasp.engines.embedded.uml.relations import Ends, kind_of, related, relation_ends
from diagrasp.engines.embedded.uml.shadows import shadowless, without_shadows
from diagrasp.engines.embedded.uml.tables import find_tables
from diagrasp.model import Edge, Point

Image = NDArray[np.uint8]
HEADS = ("none", "arrow", "triangle", "diamond", "filled_diamond")


def page(w: int = 700, h: int = 460) -> Image:
    return np.full((h, w, 3), 255, np.uint8)


def write(image: Image, text: str, x: int, y: int) -> None:
    cv2.putText(image, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 0, 0), 1, cv2.LINE_AA)


def table(image: Image, x: int, y: int, name: str, rows: tuple[str, ...]) -> None:
    """A class of 170 pixels' width: the name, a compartment of members, an empty one."""
    bottom = y + 32 + 22 * len(rows) + 6
    cv2.rectangle(image, (x, y), (x + 170, bottom + 12), (0, 0, 0), 1)
    for line in (y + 30, bottom):
        cv2.line(image, (x, line), (x + 170, line), (0, 0, 0), 1)
    write(image, name, x + 45, y + 20)
    for k, row in enumerate(rows):
        write(image, row, x + 14, y + 50 + 22 * k)


def head(image: Image, kind: str, x: int, y: int) -> None:
    """A relation's head with its tip at (x, y), pointing up."""
    if kind == "arrow":
        cv2.line(image, (x, y), (x - 7, y + 13), (0, 0, 0), 1)
        cv2.line(image, (x, y), (x + 7, y + 13), (0, 0, 0), 1)
    elif kind == "triangle":
        cv2.fillPoly(image, [np.array([(x, y), (x - 9, y + 18), (x + 9, y + 18)])], (255, 255, 255))
        cv2.polylines(image, [np.array([(x, y), (x - 9, y + 18), (x + 9, y + 18)])], True, (0, 0, 0), 1)
    elif kind in ("diamond", "filled_diamond"):
        points = np.array([(x, y), (x - 7, y + 11), (x, y + 22), (x + 7, y + 11)])
        cv2.fillPoly(image, [points], (0, 0, 0) if kind == "filled_diamond" else (255, 255, 255))
        cv2.polylines(image, [points], True, (0, 0, 0), 1)


def classes(kind: str) -> Image:
    """Two classes, the lower one related to the upper one."""
    image = page()
    table(image, 260, 40, "Order", ("number: int", "pay(): bool"))
    table(image, 260, 300, "Payment", ("total: float", "date: Date"))
    cv2.line(image, (345, 135), (345, 300), (0, 0, 0), 1)
    head(image, kind, 345, 135)
    return image


def joined(scene: Scene) -> tuple[Connector, Ends]:
    """The only connector and its ends."""
    assert len(scene.connectors) == 1
    return scene.connectors[0], relation_ends(scene)[0]


@pytest.mark.parametrize("kind", HEADS)
def test_the_head_of_a_relation_is_told(kind: str) -> None:
    scene = understand(classes(kind))
    assert len(scene.nodes) == 2
    connector, ends = joined(scene)
    upper = min(range(2), key=lambda i: scene.nodes[i].box.y0) + 1
    at_upper = ends.head if connector.target == upper else ends.tail
    at_lower = ends.tail if connector.target == upper else ends.head
    assert (at_upper, at_lower) == (kind, "none")


@pytest.mark.parametrize(
    ("head_", "line", "kind"),
    [
        ("triangle", "solid", "inheritance"),
        ("triangle", "dashed", "realization"),
        ("filled_diamond", "solid", "composition"),
        ("diamond", "solid", "aggregation"),
        ("arrow", "dashed", "dependency"),
        ("none", "solid", "association"),
    ],
)
def test_a_head_and_a_line_make_a_relation(head_: str, line: str, kind: str) -> None:
    assert kind_of(head_, line) == kind  # type: ignore[arg-type]


def entities(upper: str, lower: str) -> Image:
    """Two entities whose relation says how many at both ends."""
    image = classes("none")

    def sign(kind: str, y: int, way: int) -> None:
        near, far = y + 10 * way, y + 18 * way
        if kind in ("one_or_many", "zero_or_many"):
            for x in (-8, 8):
                cv2.line(image, (345 + x, y), (345, y + 13 * way), (0, 0, 0), 1)
            near, far = y + 18 * way, y + 19 * way
        if kind == "one":
            cv2.line(image, (337, far), (353, far), (0, 0, 0), 1)
        if kind in ("one", "zero_or_one", "one_or_many"):
            cv2.line(image, (337, near), (353, near), (0, 0, 0), 1)
        if kind in ("zero_or_one", "zero_or_many"):
            cv2.circle(image, (345, far), 5, (0, 0, 0), 1)

    sign(upper, 134, 1)
    sign(lower, 300, -1)
    return image


@pytest.mark.parametrize(
    ("upper", "lower"),
    [("one", "zero_or_many"), ("zero_or_one", "one_or_many"), ("one_or_many", "one"), ("zero_or_many", "zero_or_one")],
)
def test_crows_feet_circles_and_bars_say_how_many(upper: str, lower: str) -> None:
    connector, ends = joined(understand(entities(upper, lower)))
    said = {connector.target: ends.many, connector.source: ends.few}
    assert [said[k] for k in sorted(said)] == [upper, lower]
    assert ends.crows


def test_compartments_are_found_by_their_strokes() -> None:
    sheet = prepare(classes("none"))
    (lower, upper) = sorted(find_tables(sheet), key=lambda t: -t.box.y0)
    for found in (upper, lower):
        assert len(found.rows) == 3
        assert abs(found.box.w / sheet.scale - 171) <= 3
    assert abs(upper.box.y0 / sheet.scale - 40) <= 2


def test_lanes_with_steps_are_no_compartments() -> None:
    image = page()
    for y in (20, 160, 300, 440):
        cv2.line(image, (20, y), (680, y), (0, 0, 0), 1)
    for x in (20, 680):
        cv2.line(image, (x, 20), (x, 440), (0, 0, 0), 1)
    for k in range(3):
        cv2.rectangle(image, (80 + 200 * k, 50 + 140 * k), (220 + 200 * k, 120 + 140 * k), (0, 0, 0), 1)
        write(image, f"Step number {k}", 92 + 200 * k, 90 + 140 * k)
    assert find_tables(prepare(image)) == []


def test_a_stick_figure_is_an_actor_with_its_name() -> None:
    image = page(500, 300)
    cv2.circle(image, (80, 80), 12, (0, 0, 0), 1)
    for a, b in (((80, 92), (80, 125)), ((62, 102), (98, 102)), ((80, 125), (64, 145)), ((80, 125), (96, 145))):
        cv2.line(image, a, b, (0, 0, 0), 1)
    write(image, "Manager", 48, 165)
    cv2.ellipse(image, (340, 115), (100, 32), 0, 0, 360, (0, 0, 0), 1)
    write(image, "Place an order", 285, 120)
    cv2.line(image, (120, 115), (240, 115), (0, 0, 0), 1)
    scene = understand(image)
    assert sorted(n.shape for n in scene.nodes) == ["actor", "ellipse"]
    actor = next(i for i, n in enumerate(scene.nodes) if n.shape == "actor")
    assert actor in scene.inside
    assert [{c.source, c.target} for c in scene.connectors] == [{1, 2}]


def test_a_name_that_connectors_touch_stays_the_figure_s() -> None:
    image = page()
    cv2.circle(image, (350, 60), 12, (0, 0, 0), 1)
    for line in (((350, 72), (350, 110)), ((325, 86), (375, 86)), ((350, 110), (328, 138)), ((350, 110), (372, 138))):
        cv2.line(image, *line, (0, 0, 0), 1)
    write(image, "Manager", 321, 158)
    for x, name in ((180, "Log in"), (520, "Pay")):
        cv2.ellipse(image, (x, 330), (90, 34), 0, 0, 360, (0, 0, 0), 1)
        write(image, name, x - 28, 335)
    cv2.line(image, (325, 157), (200, 296), (0, 0, 0), 1)
    cv2.line(image, (384, 160), (500, 296), (0, 0, 0), 1)
    scene = understand(image)
    actor = next(i for i, n in enumerate(scene.nodes) if n.shape == "actor")
    (name,) = scene.inside[actor]
    assert name.box.w >= 50 * scene.sheet.scale
    assert {frozenset((c.source, c.target)) for c in scene.connectors} == {
        frozenset((actor + 1, k + 1)) for k in range(3) if k != actor
    }


def line(source: int, target: int, *points: tuple[float, float], head: bool = False) -> Connector:
    ends = np.array(points, float)
    path = np.concatenate([np.linspace(a, b, 60) for a, b in pairwise(ends)])
    return Connector(source, target, path, head, False, False, 0.9)


def test_lines_on_both_sides_of_a_box_are_one_that_passes_behind_it() -> None:
    first, second = line(1, 2, (0, 0), (100, 40)), line(2, 3, (200, 80), (300, 120), head=True)
    bare, arrow = Ends("none", "none"), Ends("arrow", "none")
    (whole,), (marks,) = joined_behind([first, second], [bare, arrow], 12)
    assert (whole.source, whole.target, whole.head) == (1, 3, True)
    assert (marks.head, marks.tail) == ("arrow", "none")


def test_lines_that_only_meet_at_a_box_stay_apart() -> None:
    bare, arrow = Ends("none", "none"), Ends("arrow", "none")
    level = line(1, 2, (0, 40), (100, 40)), line(2, 3, (200, 40), (300, 40))
    bent = line(1, 2, (0, 0), (100, 40)), line(2, 3, (200, 80), (300, 60))
    marked = line(1, 2, (0, 0), (100, 40), head=True), line(2, 3, (200, 80), (300, 120))
    for pair, marks in ((level, bare), (bent, bare), (marked, arrow)):
        assert joined_behind(list(pair), [marks, bare], 12)[0] == list(pair)


@pytest.mark.parametrize(("said", "x"), [("1", 356), ("0..*", 355), ("1..*", 355)])
def test_a_multiplicity_beside_a_head_is_read(said: str, x: int) -> None:
    image = classes("diamond")
    write(image, said, x, 150)
    diagram, _ = assemble(understand(image), image, load_reader())
    (edge,) = diagram.edges
    upper = next(n.id for n in diagram.nodes if n.label == "Order")
    assert (edge.target_label if edge.target == upper else edge.source_label) == said
    assert edge.label == ""


def shadowed() -> Image:
    image = page()
    for x, y in ((60, 60), (380, 260)):
        for k, grey in enumerate((218, 189, 170, 161)):
            reach = 9 - k
            cv2.rectangle(image, (x + 6, y + 6), (x + 160 + reach, y + 60 + reach), (grey,) * 3, -1)
        cv2.rectangle(image, (x, y), (x + 160, y + 60), (206, 254, 254), -1)
        cv2.rectangle(image, (x, y), (x + 160, y + 60), (60, 6, 170), 1)
        write(image, "Accept the order", x + 15, y + 35)
    return image


def test_shadows_are_taken_off() -> None:
    sheet = prepare(shadowed())
    plain = without_shadows(sheet)
    below = (slice(123, 127), slice(90, 200))
    assert sheet.rgb[below].max() < 240
    assert plain.rgb[below].min() == 255
    assert (plain.rgb[60, 60:220] == sheet.rgb[60, 60:220]).all()


def test_small_print_loses_its_shadows_before_it_is_enlarged() -> None:
    small = np.asarray(cv2.resize(shadowed(), None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA), np.uint8)
    plain, larger = prepare_twice(small, shadowless)
    sheet = larger()
    below = tuple(slice(round(0.6 * sheet.scale * a), round(0.6 * sheet.scale * b)) for a, b in ((123, 127), (90, 200)))
    assert sheet.scale >= 2
    assert prepare_twice(small)[1]().rgb[below].max() < 240
    assert sheet.rgb[below].min() >= 250
    assert plain is sheet


def test_a_picture_without_shadows_stays_as_it_is() -> None:
    sheet = prepare(classes("arrow"))
    assert without_shadows(sheet) is sheet


def test_an_end_mark_is_found_under_arrow_heads() -> None:
    image = page(400, 300)
    cv2.rectangle(image, (60, 40), (180, 90), (0, 0, 0), 1)
    write(image, "Delivered", 82, 70)
    cv2.circle(image, (200, 220), 11, (0, 0, 0), 1, cv2.LINE_AA)
    cv2.circle(image, (200, 220), 6, (0, 0, 0), -1, cv2.LINE_AA)
    for x in (130, 270):
        cv2.line(image, (x, 90 if x == 130 else 120), (200, 208), (0, 0, 0), 1)
    for dx in (-1, 1):
        cv2.fillPoly(image, [np.array([(200 + dx * 4, 209), (200 + dx * 18, 200), (200 + dx * 10, 192)])], (0, 0, 0))
    found = [n for n in understand(image).nodes if n.shape == "circle"]
    assert len(found) == 1
    assert abs(found[0].box.cx / understand(image).sheet.scale - 200) <= 3


def _line(*, x: float, y: float, head: str = "none") -> Edge:
    path = (Point(100, 100), Point(100 + x, 100 + y))
    return Edge(id="e", source="a", target="b", head=head, path=path)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("ends", "x", "y", "level", "source"),
    [
        (Ends("none", "none", many="zero_or_many", few="one"), -90, 60, False, "a"),
        (Ends("none", "none", many="one", few="one_or_many"), 90, 60, False, "a"),  # from above, the many too
        (Ends("none", "none", many="one", few="one_or_many"), 90, -60, False, "b"),
        (Ends("none", "none", many="one", few="one"), -90, 4, False, "a"),  # equals: from above
        (Ends("none", "none", many="one", few="one"), 90, -4, True, "a"),  # from the left in a row
        (Ends("none", "none", many="one", few="zero_or_one"), -90, 4, True, "b"),
    ],
)
def test_which_way_a_relation_of_entities_goes(ends: Ends, x: float, y: float, level: bool, source: str) -> None:
    edge = related(_line(x=x, y=y), ends, "er", level=level)
    assert (edge.source, edge.target) == ((source, "b") if source == "a" else (source, "a"))
    assert (edge.head, edge.tail) == ((ends.many, ends.few) if source == "a" else (ends.few, ends.many))


def test_the_lines_own_head_outweighs_what_stands_close_to_its_tail() -> None:
    edge = related(_line(x=90, y=0, head="arrow"), Ends("none", "arrow"), "usecase")
    assert (edge.source, edge.head, edge.tail) == ("a", "arrow", "none")
    assert related(_line(x=90, y=0), Ends("none", "arrow"), "usecase").source == "b"


def test_plain_boxes_with_crows_feet_are_entities() -> None:
    """The circles of the feet are no symbols, and what the lines say at both ends tells the kind."""
    sheet = Page(560, 140)
    for x, name in ((90, "CUSTOMER"), (470, "ORDER")):
        sheet.symbol("process", x, 70, name, w=130, h=70)
    sheet.line((155, 70), (405, 70))
    for x in (166, 173):
        sheet.line((x, 62), (x, 78))
    sheet.line((388, 70), (405, 60))
    sheet.line((388, 70), (405, 80))
    sheet.oval(374, 63, 388, 77)
    scene = understand(sheet.pixels)
    assert len(scene.nodes) == 2
    assert are_entities(scene, relation_ends(scene))
    assert {end for e in relation_ends(scene) for end in (e.many, e.few)} == {"zero_or_many", "one"}


def test_a_circle_with_an_arrow_to_a_bar_is_no_stick_figure() -> None:
    """The bar would be the arms, and the lines that leave it the legs."""
    sheet = Page(420, 420)
    sheet.oval(200, 20, 220, 40)
    sheet.line((210, 41), (210, 90))
    for x in (203, 217):
        sheet.line((x, 78), (210, 91))
    sheet.polygon((176, 92), (244, 92), (244, 103), (176, 103), fill="black")
    for x, x1, name in ((200, 90, "Pack"), (220, 330, "Bill")):
        sheet.line((x, 104), (x, 130), (x1, 130), (x1, 170))
        for barb in (-7, 7):
            sheet.line((x1 + barb, 157), (x1, 171))
        sheet.symbol("rounded", x1, 200, name, w=130, h=56)
    scene = understand(sheet.pixels)
    assert sorted(n.shape for n in scene.nodes) == ["bar", "circle", "rounded", "rounded"]
    assert len(scene.connectors) == 3


def test_connectors_that_touch_a_stick_figure_are_no_part_of_it() -> None:
    page = Page(860, 420)
    for y, name in ((60, "Client"), (260, "Keeper")):
        page.oval(75, y - 20, 105, y + 10)
        page.line((90, y + 10), (90, y + 60))
        page.line((60, y + 25), (120, y + 25))
        page.line((60, y + 100), (90, y + 60), (120, y + 100))
        page.write(90, y + 122, name, 16)
        page.symbol("ellipse", 450, y + 40, f"See {name.lower()}s", w=190, h=80)
        page.symbol("ellipse", 740, y + 40, f"Ask {name.lower()}s", w=190, h=80)
        page.arrow((546, y + 40), (644, y + 40))
    page.line((90, 105), (354, 100))  # from the body
    page.line((120, 285), (354, 300))  # from a hand
    scene = understand(page.pixels)
    figures = [n for n in scene.nodes if n.shape == "actor"]
    assert len(figures) == 2
    assert all(n.box.w < 8 * scene.sheet.letter for n in figures)
    assert len(scene.connectors) == 4


def dashed_entities() -> Image:
    """Two entities joined by dashes; between the last dash and either one stand bars that touch nothing."""
    image = classes("none")
    image[136:299, 336:354] = 255
    for y in range(154, 280, 12):
        cv2.line(image, (345, y), (345, y + 6), (0, 0, 0), 1)
    for y in (141, 147, 287, 293):
        cv2.line(image, (337, y), (353, y), (0, 0, 0), 1)
    image[200:232, 300:390] = 255
    cv2.putText(image, "places", (312, 222), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (0, 0, 0), 1, cv2.LINE_AA)
    return image


def test_a_dashed_relation_ends_behind_bars_that_stand_alone() -> None:
    scene = understand(dashed_entities())
    assert [n.shape for n in scene.nodes] == ["process", "process"]  # its label is none
    assert [{c.source, c.target} for c in scene.connectors] == [{1, 2}]
