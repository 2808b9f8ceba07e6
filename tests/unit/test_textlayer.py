"""PDF: its words set right what was read from pixels, and the sources that it carries are found."""

from __future__ import annotations

from io import BytesIO
from urllib.parse import quote

import pypdfium2
import pytest

from diagrasp.carriers import sources
from diagrasp.formats import FormatRegistry
from diagrasp.images import load_picture
from diagrasp.model import Box, Diagram
from diagrasp.textlayer import Word, corrected


def pdf(content: str = "", *, subject: str = "", rotate: int = 0) -> bytes:
    """A page of 300 x 200 points in Helvetica."""
    stream = content.encode("latin-1")
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Rotate %d/Contents 4 0 R"
        b"/Resources<</Font<</F 5 0 R>>>>>>" % rotate,
        b"<</Length %d>>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        b"<</Subject(%s)>>" % subject.replace("(", r"\(").replace(")", r"\)").encode("latin-1"),
    ]
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 7\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer<</Size 7/Root 1 0 R/Info 6 0 R>>\nstartxref\n%d\n%%%%EOF" % start
    return bytes(out)


TEXT = "BT /F 12 Tf 50 150 Td (Check the order) Tj 0 -60 Td (Ship) Tj ET"


def load(data: bytes) -> tuple[Word, ...]:
    return load_picture(data, max_bytes=10**7, max_pixels=10**7).words


def test_words_lie_where_they_are_drawn() -> None:
    picture = load_picture(pdf(TEXT), max_bytes=10**7, max_pixels=10**7)
    assert [word.text for word in picture.words] == ["Check", "the", "order", "Ship"]
    for word in picture.words:
        x, y, w, h = (round(value) for value in word.box)
        assert picture.pixels[y : y + h, x : x + w].min() < 128
    ship = picture.words[-1].box
    scale = picture.width / 300
    assert ship.x == pytest.approx(50 * scale, abs=3 * scale)
    assert ship.bottom == pytest.approx(110 * scale, abs=3 * scale)


def test_words_of_a_page_that_is_turned() -> None:
    picture = load_picture(pdf(TEXT, rotate=90), max_bytes=10**7, max_pixels=10**7)
    assert picture.height > picture.width
    for word in picture.words:
        x, y, w, h = (round(value) for value in word.box)
        assert picture.pixels[y : y + h, x : x + w].min() < 128


def test_a_page_without_text_and_a_png_have_no_words() -> None:
    assert load(pdf("10 10 50 50 re f")) == ()


def word(text: str, x: float, y: float, w: float = 30) -> Word:
    return Word(text, Box(x, y, w, 10))


def drawn() -> Diagram:
    return Diagram(
        nodes=[
            {"id": "a", "label": "Проверитъ заявну", "box": (0, 0, 100, 50)},
            {"id": "b", "label": "Готово", "box": (0, 100, 100, 50)},
            {"id": "c", "label": "Оnлайн- оплата", "box": (0, 200, 100, 50)},
            {"id": "s", "label": "Начапо", "shape": "start_event", "box": (200, 0, 20, 20)},
        ],
        edges=[{"id": "e", "source": "a", "target": "b", "label": "дa"}],
    )


def test_labels_are_set_right_by_the_words_inside_and_beside() -> None:
    words = [
        word("заявку", 45, 25), word("Проверить", 10, 10), word("Готово", 10, 120), word("Онлайн-", 10, 210),
        word("оплата", 10, 225), word("Начало", 190, 30), word("да", 110, 70, 15), word("примечание", 300, 300),
    ]  # fmt: skip
    diagram, changed = corrected(drawn(), words)
    assert [node.label for node in diagram.nodes] == ["Проверить заявку", "Готово", "Онлайн- оплата", "Начало"]
    assert diagram.edges[0].label == "да"
    assert changed == 4


def test_a_text_that_is_another_changes_nothing() -> None:
    garbage = [word("xqzw", 10, 10), word("kkkk", 10, 120), word("@@@@", 10, 210)]
    assert corrected(drawn(), garbage) == (drawn(), 0)
    assert corrected(drawn(), []) == (drawn(), 0)


def test_an_empty_label_is_filled_only_where_the_text_is_trusted() -> None:
    blank = drawn().replace(nodes=[*drawn().nodes, {"id": "d", "label": "", "box": (0, 300, 100, 50)}])
    said = [word("Проверить", 10, 10), word("заявку", 50, 10), word("Готово", 10, 120), word("Новое", 10, 310)]
    assert corrected(blank, said)[0].node("d").label == "Новое"
    assert corrected(blank, [word("Новое", 10, 310)])[0].node("d").label == ""


FILE = (
    '<mxfile><diagram name="Page"><mxGraphModel><root><mxCell id="0"/><mxCell id="1" parent="0"/>'
    '<mxCell id="2" value="Проверить (всё)" style="rounded=0" vertex="1" parent="1">'
    '<mxGeometry x="1" y="1" width="99" height="40" as="geometry"/></mxCell></root></mxGraphModel></diagram></mxfile>'
)


def test_a_pdf_of_drawio_carries_its_file_as_subject() -> None:
    (found,) = sources(pdf(TEXT, subject=quote(FILE, safe="()")))
    assert found.format == "drawio"
    (node,) = FormatRegistry().reader("drawio").read(found.payload).diagram.nodes
    assert node.label == "Проверить (всё)"
    assert sources(pdf(TEXT, subject="An ordinary subject")) == []


def test_attachments_are_sources_by_their_names() -> None:
    document = pypdfium2.PdfDocument(pdf(TEXT))
    for name, body in (("flow.mmd", b"flowchart TD\n a --> b"), ("photo.jpg", b"no"), ("d.xml", FILE.encode())):
        document.new_attachment(name).set_data(body)
    out = BytesIO()
    document.save(out)
    document.close()
    assert [found.format for found in sources(out.getvalue())] == ["drawio", "mermaid"]
    assert sources(out.getvalue()[:200]) == []
