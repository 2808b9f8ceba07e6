# ruff: noqa: E501 (XML reads best unbroken)
"""Sources inside files: found, bounded, and never a way in."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from io import BytesIO
from urllib.parse import quote

import pytest
from drawn import diagrams
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from diagrasp.carriers import (
    MAX_TEXT,
    inflate,
    looks_like_svg,
    pack,
    plantuml_decode,
    png_texts,
    put_png_text,
    sources,
    unpack,
)
from diagrasp.errors import DiagraspError, ParseError, TooLargeError
from diagrasp.model import Diagram
from diagrasp.xmltree import clean, parse_xml, xml_attr, xml_text

MXFILE = '<mxfile><diagram name="Страница"><mxGraphModel><root/></mxGraphModel></diagram></mxfile>'


def png() -> bytes:
    out = BytesIO()
    Image.new("RGB", (4, 4)).save(out, "PNG")
    return out.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def with_chunk(kind: bytes, body: bytes) -> bytes:
    data = png()
    return data[:33] + chunk(kind, body) + data[33:]


@settings(deadline=None)
@given(diagrams())
def test_pack_is_exact_on_one_line_and_safe_in_xml(diagram: Diagram) -> None:
    text = pack(diagram)
    assert unpack(text) == diagram
    assert "\n" not in text
    assert clean(text) == text


@settings(deadline=None)
@given(st.text(max_size=200))
def test_png_text_survives_and_the_picture_stays(text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    data = put_png_text(png(), "note", text)
    assert png_texts(data) == [("note", text)]
    assert Image.open(BytesIO(data)).tobytes() == Image.open(BytesIO(png())).tobytes()


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (b"tEXt", b"mxfile\0" + quote(MXFILE).encode()),
        (b"zTXt", b"mxfile\0\0" + zlib.compress(quote(MXFILE).encode())),
        (b"iTXt", b"mxfile\0\1\0\0\0" + zlib.compress(MXFILE.encode())),
        (b"iTXt", b"mxfile\0\0\0ru\0\xd1\x84\0" + MXFILE.encode()),
    ],
)
def test_drawio_in_every_kind_of_text_chunk(kind: bytes, body: bytes) -> None:
    (found,) = sources(with_chunk(kind, body))
    assert found.format == "drawio"
    assert found.payload.decode() == MXFILE


def test_plantuml_in_png_and_svg() -> None:
    text = "@startuml\n:Шаг;\n@enduml\n\nPlantUML version 1.2020"
    (found,) = sources(with_chunk(b"iTXt", b"plantuml\0\1\0\0\0" + zlib.compress(text.encode())))
    assert (found.format, found.payload.decode()) == ("plantuml", "@startuml\n:Шаг;\n@enduml\n")
    for before in ("", "MD5=[54d8699fff8003577695e4468d1f62bb]\n"):
        svg = f"<svg xmlns='http://www.w3.org/2000/svg'><g><!--{before}{text}\n--></g></svg>"
        assert sources(svg.encode())[0].payload.decode() == "@startuml\n:Шаг;\n@enduml\n"


def test_plantuml_code_of_its_server() -> None:
    raw = zlib.compress(b"@startuml\na -> b\n@enduml", 9)[2:-4]
    ours = base64.b64encode(raw).decode().rstrip("=")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    theirs = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"
    code = ours.translate(str.maketrans(alphabet, theirs))
    assert plantuml_decode(code) == "@startuml\na -> b\n@enduml"
    (found,) = sources(f"<svg xmlns='http://www.w3.org/2000/svg'><!--SRC=[{code}]--></svg>".encode())
    assert found.format == "plantuml"
    (found,) = sources(f"<svg xmlns='http://www.w3.org/2000/svg'><?plantuml-src {code}?></svg>".encode())
    assert found.payload.decode() == "@startuml\na -> b\n@enduml"
    assert plantuml_decode("!!") is None
    assert plantuml_decode("abc") is None


def test_excalidraw_in_png_and_svg() -> None:
    scene = json.dumps({"type": "excalidraw", "elements": [], "note": "сцена"})
    packed = zlib.compress(scene.encode()).decode("latin-1")
    wrapped = json.dumps({"version": "1", "encoding": "bstring", "compressed": True, "encoded": packed})
    data = with_chunk(b"tEXt", b"application/vnd.excalidraw+json\0" + wrapped.encode("latin-1"))
    assert json.loads(sources(data)[0].payload)["note"] == "сцена"
    code = base64.b64encode(wrapped.encode("latin-1")).decode()
    svg = f"<svg xmlns='http://www.w3.org/2000/svg'><!-- payload-start -->{code}<!-- payload-end --></svg>"
    (found,) = sources(svg.encode())
    assert found.format == "excalidraw"
    assert json.loads(found.payload)["type"] == "excalidraw"


def test_drawio_and_bpmn_in_svg() -> None:
    from xml.sax.saxutils import quoteattr

    svg = f"<svg xmlns='http://www.w3.org/2000/svg' content={quoteattr(MXFILE)}/>"
    assert [(c.format, c.payload.decode()) for c in sources(svg.encode())] == [("drawio", MXFILE)]
    space = "http://www.omg.org/spec/BPMN/20100524/MODEL"
    svg = f"<svg xmlns='http://www.w3.org/2000/svg'><metadata><b:definitions xmlns:b='{space}'><b:process id='п'/></b:definitions></metadata></svg>"
    (found,) = sources(svg.encode())
    again = parse_xml(found.payload)
    assert found.format == "bpmn"
    assert again.space == space
    assert again.children[0].get("id") == "п"


def test_bombs_are_left_out() -> None:
    bomb = zlib.compress(b"a" * (MAX_TEXT + 10), 9)
    assert inflate(bomb, MAX_TEXT) is None
    assert inflate(bomb, MAX_TEXT + 10) is not None
    assert sources(with_chunk(b"zTXt", b"mxfile\0\0" + bomb)) == []
    many = png()[:33] + chunk(b"tEXt", b"mxfile\0<mxfile/>")[:-4] * 3
    assert isinstance(sources(many), list)


@pytest.mark.parametrize(
    "data",
    [b"", b"\x89PNG\r\n\x1a\n", png()[:40], b"<svg", b"<html></html>", b"GIF89a", b"\x89PNG\r\n\x1a\n" + b"\xff" * 64],
)
def test_nothing_found_in_nothing(data: bytes) -> None:
    assert sources(data) == []


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=300), st.integers(0, 60))
def test_random_bytes_after_a_good_start_raise_nothing(tail: bytes, cut: int) -> None:
    for start in (
        png()[:cut],
        with_chunk(b"iTXt", b"mxfile\0\1\0\0\0" + zlib.compress(MXFILE.encode()))[: 60 + cut],
        b"<svg ",
    ):
        assert isinstance(sources(start + tail), list)


class TestXml:
    def test_entities_are_refused(self) -> None:
        bomb = '<!DOCTYPE a [<!ENTITY x "xxxxxxxxxx"><!ENTITY y "&x;&x;&x;">]><a>&y;</a>'
        with pytest.raises(ParseError, match="entities"):
            parse_xml(bomb)
        with pytest.raises(ParseError, match="entities"):
            parse_xml('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>')
        with pytest.raises(ParseError, match="entities"):
            parse_xml('<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1:1/x">%p;]><a/>')

    def test_a_plain_doctype_is_no_harm(self) -> None:
        text = '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd"><svg>я</svg>'
        assert parse_xml(text).text == "я"

    def test_depth_and_size_are_bounded(self) -> None:
        with pytest.raises(ParseError, match="deeper"):
            parse_xml("<a>" * 5000 + "</a>" * 5000)
        with pytest.raises(TooLargeError):
            parse_xml("<a>" + "x" * 100 + "</a>", max_bytes=50)

    def test_errors_say_where(self) -> None:
        with pytest.raises(ParseError) as caught:
            parse_xml("<a>\n  <b>\n</a>")
        assert caught.value.line == 3

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "windows-1251"])
    def test_encodings(self, encoding: str) -> None:
        assert parse_xml(f'<?xml version="1.0" encoding="{encoding}"?><a>Ящик</a>'.encode(encoding)).text == "Ящик"

    @settings(deadline=None)
    @given(st.text(max_size=60))
    def test_text_and_attributes_survive(self, text: str) -> None:
        text = clean(text)
        tag = parse_xml(f'<a x="{xml_attr(text)}">{xml_text(text)}</a>')
        assert tag.get("x") == text
        assert tag.text == text


def test_looks_like_svg() -> None:
    assert looks_like_svg(b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- a --><svg:svg xmlns:svg="x">')
    assert not looks_like_svg(b"<html><body>svg</body></html>")
    assert not looks_like_svg(b"svg")


def test_unpack_says_what_is_wrong() -> None:
    with pytest.raises(ParseError, match="nodes"):
        unpack('{"version":1,"kind":"flowchart","nodes":[{"id":""}],"edges":[]}')
    with pytest.raises(DiagraspError):
        unpack("[" * 100_000)
