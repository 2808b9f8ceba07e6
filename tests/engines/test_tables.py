"""Tables of entities as drawing tools make them, and long states: drawn here."""

from __future__ import annotations

from paper import GRAIN, Page
from PIL import ImageFont

from diagrasp.engines.embedded.picture.raster import prepare
from diagrasp.engines.embedded.scene import understand
from diagrasp.engines.embedded.uml.tables import find_tables


def entity(page: Page, x: float, y: float, name: str, key: str, rest: tuple[str, ...], columns: int = 1) -> None:
    """A name, a row of the key, and rows whose line beside them ends above the table's lower side."""
    page.polygon((x, y), (x + 240, y), (x + 240, y + 220), (x, y + 220))
    for line in (y + 34, y + 74):
        page.line((x, line), (x + 240, line))
    page.write(x + 120, y + 17, name)
    page.write(x + 20, y + 54, "PK", 14)
    page.write(x + 100, y + 54, key, 14)
    for column in range(columns):
        page.line((x + 40 + 120 * column, y + 34), (x + 40 + 120 * column, y + 200 - 14 * column))
    for k, row in enumerate(rest):
        page.write(x + 80, y + 96 + 30 * k, row, 14)


def test_a_line_beside_rows_that_ends_above_the_lower_side() -> None:
    page = Page(760, 300)
    entity(page, 20, 40, "Device", "deviceId", ("name", "place", "state"))
    entity(page, 480, 40, "Sensor", "sensorId", ("title", "kind", "limit"), columns=2)
    page.arrow((260, 150), (480, 150))
    tables = find_tables(prepare(page.pixels))
    assert [len(t.rows) for t in tables] == [3, 3]
    scene = understand(page.pixels)
    assert [n.shape for n in scene.nodes] == ["process"] * 2
    assert [{c.source, c.target} for c in scene.connectors] == [{1, 2}]


def test_a_box_that_hangs_from_a_line_is_no_column() -> None:
    page = Page(520, 380)
    page.polygon((20, 20), (500, 20), (500, 360), (20, 360))
    page.line((20, 70), (500, 70))
    page.line((20, 120), (500, 120))
    page.write(260, 45, "Department")
    page.write(260, 95, "Everyone")
    page.polygon((120, 120), (340, 120), (340, 240), (120, 240))
    page.write(230, 180, "Step one")
    assert find_tables(prepare(page.pixels)) == []


def test_long_steps_whose_fill_ends_with_them() -> None:
    """Tall ones with turned names and long ones with short names: no strips of pools."""
    page = Page(860, 420)
    for k, name in enumerate(("Encoder", "Attention", "Decoder", "Softmax")):
        left = 40 + 120 * k
        page.pen.rounded_rectangle([v * 4 for v in (left, 20, left + 60, 280)], 48, (215, 232, 212), "black", 8)
        turned = Page(200, 40)
        turned.pen.rectangle((0, 0, 800, 160), (215, 232, 212))
        turned.write(100, 20, name, 20)
        page.image.paste(turned.image.rotate(90, expand=True), ((left + 10) * 4, 50 * 4))
        if k:
            page.arrow((left - 60, 150), (left, 150))
    page.pen.rounded_rectangle([v * 4 for v in (20, 330, 840, 390)], 120, (0, 0, 150), (0, 0, 150), 8)
    page.pen.text((430 * 4, 360 * 4), "Editing", "white", ImageFont.load_default(18 * GRAIN), anchor="mm")
    page.arrow((430, 280), (430, 330))
    scene = understand(page.pixels)
    assert [n.shape for n in scene.nodes].count("rounded") + [n.shape for n in scene.nodes].count("stadium") == 5
    assert len([c for c in scene.connectors if c.source != c.target]) == 4
