"""Sources inside files: bytes <-> (format id, payload) for PNG text chunks and SVG.

Pictures often carry what they were drawn from: draw.io's `mxfile`, Excalidraw's scene, PlantUML's text, and the
diagram JSON of the pictures written here.  Everything read is bounded, for the files come from strangers.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import pydantic

from diagrasp.errors import InputError, ParseError
from diagrasp.model import VERSION, Diagram
from diagrasp.xmltree import Tag, parse_xml, xml_attr, xml_text

PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
KEYWORD = "diagrasp"
"""Of the text chunk that holds the diagram JSON in PNGs written here."""
NAMESPACE = "urn:diagrasp:diagram:1"
MAX_TEXT = 32_000_000
_MAX_CHUNKS = 4_096


@dataclass(frozen=True, slots=True)
class Carried:
    """A source found in a file: the id of the format that reads it, and the bytes to read."""

    format: str
    payload: bytes


# -- the diagram JSON -----------------------------------------------------------------------------------------------


def pack(diagram: Diagram) -> str:
    """The diagram JSON on one line, exact (nothing rounded), defaults left out, safe inside XML."""
    data: dict[str, Any] = {"version": VERSION, "kind": diagram.kind, "nodes": [], "edges": []}
    data |= diagram.model_dump(mode="json", exclude_defaults=True)
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return re.sub("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]", lambda m: f"\\u{ord(m[0]):04x}", text)


def unpack(text: str | bytes) -> Diagram:
    """Read what `pack` wrote.  Raises ParseError."""
    try:
        return Diagram.from_json(text)
    except (pydantic.ValidationError, RecursionError) as error:
        first = (
            error.errors()[0] if isinstance(error, pydantic.ValidationError) else {"loc": (), "msg": "nested too deep"}
        )
        where = ".".join(str(part) for part in first["loc"])
        raise ParseError(f"the diagram that the file carries is not valid: {where}: {first['msg']}") from None


# -- files in general -----------------------------------------------------------------------------------------------


def sources(data: bytes) -> list[Carried]:
    """Every source that a PNG, SVG or PDF carries, the most exact first; empty where there is none, or it is broken."""
    if data.startswith(PNG_MAGIC):
        found = list(_from_png(data))
    elif looks_like_svg(data):
        try:
            root = parse_svg(data)
            found = list(_from_svg(root)) or list(_from_structure(root))
        except InputError:
            found = []
    elif b"%PDF-" in data[:1024]:
        found = list(_from_pdf(data))
    else:
        found = []
    rank = {"json": 0, "bpmn": 1, "drawio": 2, "excalidraw": 3, "plantuml": 4}
    return sorted(found, key=lambda c: rank.get(c.format, 9))


def parse_svg(data: bytes) -> Tag:
    """An SVG, also one with the `<br>` that browsers give.  Raises ParseError, TooLargeError."""
    return parse_xml(re.sub(rb"<br\s*>", b"<br/>", data) if b"<br" in data else data)


def looks_like_svg(data: bytes) -> bool:
    """Whether the bytes start like an SVG, after an optional declaration, comments and doctype."""
    head = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    return head.startswith(b"<") and re.search(rb"<(?:[\w.-]+:)?svg[\s>]", head) is not None


# -- PNG ------------------------------------------------------------------------------------------------------------


def png_texts(data: bytes) -> list[tuple[str, str]]:
    """The text chunks (tEXt, zTXt, iTXt) as keyword and text; chunks that are damaged or too large are left out."""
    return [(keyword, raw.decode("utf-8" if utf8 else "latin-1", "replace")) for keyword, raw, utf8 in _chunks(data)]


def _chunks(data: bytes) -> Iterator[tuple[str, bytes, bool]]:
    position, count, left = len(PNG_MAGIC), 0, MAX_TEXT
    while position + 12 <= len(data) and count < _MAX_CHUNKS:
        length, kind = struct.unpack(">I4s", data[position : position + 8])
        body = data[position + 8 : position + 8 + length]
        position += 12 + length
        count += kind != b"IDAT"
        if kind == b"IEND":
            return
        if kind not in (b"tEXt", b"zTXt", b"iTXt") or len(body) < length:
            continue
        keyword, _, rest = body.partition(b"\0")
        raw: bytes | None
        if kind == b"tEXt":
            raw = rest
        elif kind == b"zTXt":
            raw = inflate(rest[1:], left)
        else:
            packed, rest = rest[:1], rest[2:]
            rest = rest.split(b"\0", 2)[-1]
            raw = inflate(rest, left) if packed == b"\x01" else rest
        if raw is not None and len(raw) <= left:
            left -= len(raw)
            yield keyword.decode("latin-1"), raw, kind == b"iTXt"


def inflate(data: bytes, limit: int, *, raw: bool = False) -> bytes | None:
    """Decompress at most `limit` bytes; None where there is more, or the data is damaged or cut off."""
    engine = zlib.decompressobj(-15 if raw else 15)
    try:
        out = engine.decompress(data, limit)
    except zlib.error:
        return None
    return out if engine.eof else None


def put_png_text(png: bytes, keyword: str, text: str) -> bytes:
    """The PNG with one more compressed international text chunk right behind its header."""
    if not png.startswith(PNG_MAGIC):
        raise InputError("not a PNG")
    body = keyword.encode("latin-1") + b"\0\x01\0\0\0" + zlib.compress(text.encode("utf-8"), 9)
    chunk = struct.pack(">I", len(body)) + b"iTXt" + body + struct.pack(">I", zlib.crc32(b"iTXt" + body))
    after_header = len(PNG_MAGIC) + 25
    return png[:after_header] + chunk + png[after_header:]


def _from_png(data: bytes) -> Iterator[Carried]:
    for keyword, raw, utf8 in _chunks(data):
        text = raw.decode("utf-8" if utf8 else "latin-1", "replace")
        if keyword == KEYWORD:
            yield Carried("json", text.encode())
        elif keyword == "mxfile" or (keyword == "mxGraphModel" and text.strip()):
            yield Carried("drawio", (unquote(text) if text.lstrip().startswith("%3C") else text).encode())
        elif keyword == "application/vnd.excalidraw+json":
            scene = _excalidraw_scene(raw.decode("latin-1"))
            if scene is not None:
                yield Carried("excalidraw", scene)
        elif keyword == "plantuml":
            yield Carried("plantuml", _plantuml_text(raw.decode("utf-8", "replace")).encode())


# -- PDF ------------------------------------------------------------------------------------------------------------


def _from_pdf(data: bytes) -> Iterator[Carried]:
    """draw.io writes its file as the subject; others attach theirs."""
    from diagrasp.pdf import attached

    for name, body in attached(data):
        if name == "Subject":
            text = body.decode("utf-8", "replace")
            text = unquote(text) if text.lstrip().startswith("%3C") else text
            if re.match(r"\s*(?:<\?xml[^>]*>\s*)?<(?:mxfile|mxGraphModel)\b", text):
                yield Carried("drawio", text.encode())
            continue
        format = _ATTACHED.get("." + name.lower().rpartition(".")[2])
        if format == "xml":
            format = "drawio" if b"<mxfile" in body[:2000] or b"<mxGraphModel" in body[:2000] else "bpmn"
        if format:
            yield Carried(format, body)


_ATTACHED = {
    ".drawio": "drawio", ".xml": "xml", ".bpmn": "bpmn", ".puml": "plantuml", ".excalidraw": "excalidraw",
    ".mmd": "mermaid", ".dot": "dot", ".gv": "dot",
}  # fmt: skip
"""What the names of attachments end with -> the format."""


# -- SVG ------------------------------------------------------------------------------------------------------------


def svg_metadata(diagram: Diagram) -> str:
    """A `<metadata>` element that holds the diagram JSON."""
    return f'<metadata><diagram xmlns="{NAMESPACE}">{xml_text(pack(diagram))}</diagram></metadata>'


def _from_svg(root: Tag) -> Iterator[Carried]:
    content = root.get("content")
    if content:
        text = unquote(content) if content.startswith("%3C") else content
        if "<mxfile" in text[:2000] or "<mxGraphModel" in text[:2000]:
            yield Carried("drawio", text.encode())
    for tag in root.walk():
        if tag.name == "diagram" and tag.space == NAMESPACE:
            yield Carried("json", tag.text.encode())
        elif tag.name == "definitions" and tag.space.endswith("/BPMN/20100524/MODEL"):
            yield Carried("bpmn", to_xml(tag).encode())
        elif tag.name in ("mxfile", "mxGraphModel"):
            yield Carried("drawio", to_xml(tag).encode())
        for comment in tag.comments:
            yield from _from_comment(comment, tag)


def _from_structure(root: Tag) -> Iterator[Carried]:
    """The diagram that the ids and titles of Mermaid and Graphviz tell."""
    from diagrasp.structure import read_structure

    try:
        diagram = read_structure(root)
    except pydantic.ValidationError:  # a drawing made to look like theirs
        return
    if diagram is not None:
        yield Carried("json", pack(diagram).encode())


def _from_comment(comment: str, tag: Tag) -> Iterator[Carried]:
    text = comment.strip()
    if "payload-start" in text:
        match = re.search(r"[A-Za-z0-9+/=\s]{16,}", tag.full_text())
        raw = _base64(match[0]) if match else None
        scene = _excalidraw_scene(raw.decode("latin-1")) if raw is not None else None
        if scene is not None:
            yield Carried("excalidraw", scene)
    elif text.startswith("?plantuml-src "):
        found = plantuml_decode(text.removeprefix("?plantuml-src "))
        if found is not None:
            yield Carried("plantuml", found.encode())
    elif re.match(r"(?:MD5=\[\w*\]\s*)?@start", text):
        # No comment may hold two hyphens: PlantUML parts them.  Arrows are written without blanks, so this tells them.
        yield Carried("plantuml", _plantuml_text(re.sub(r"(?<=-) (?=-)", "", text)).encode())
    elif text.startswith("SRC=["):
        found = plantuml_decode(text[5:].partition("]")[0])
        if found is not None:
            yield Carried("plantuml", found.encode())


def to_xml(tag: Tag) -> str:
    """Text of an element and everything inside, namespaces declared anew."""
    out: list[str] = []
    stack: list[Tag | str] = [tag]
    while stack:
        here = stack.pop()
        if isinstance(here, str):
            out.append(here)
            continue
        space = f' xmlns="{xml_attr(here.space)}"' if here.space else ""
        attrs = "".join(f' {k}="{xml_attr(v)}"' for k, v in here.attrs.items())
        out.append(f"<{here.name}{space}{attrs}>{xml_text(here.text)}")
        stack.append(f"</{here.name}>")
        stack.extend(reversed(here.children))
    return "".join(out)


# -- what other tools wrap their sources in -------------------------------------------------------------------------


def _base64(text: str) -> bytes | None:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return None


def _excalidraw_scene(text: str) -> bytes | None:
    """The scene of Excalidraw's `{version, encoding: "bstring", compressed, encoded}`, or the scene itself."""
    try:
        data: Any = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict):
        return None
    if data.get("type") == "excalidraw":
        return json.dumps(data, ensure_ascii=False).encode()
    encoded = data.get("encoded")
    if not isinstance(encoded, str):
        return None
    raw = encoded.encode("latin-1", "replace")
    return inflate(raw, MAX_TEXT) if data.get("compressed") else raw


def _plantuml_text(text: str) -> str:
    """PlantUML's text without the version and settings that it appends."""
    match = re.search(r"(@start\w+.*?@end\w+)", text, re.DOTALL)
    return (match[1] if match else text.strip()) + "\n"


_PLANTUML = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"
_STANDARD = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def plantuml_decode(text: str) -> str | None:
    """PlantUML's own encoding of a source (deflate in its alphabet of base 64), as in the URLs of its server."""
    text = text.strip()
    if not text or set(text) - set(_PLANTUML):
        return None
    whole = len(text) - len(text) % 4 if len(text) % 4 == 1 else len(text)
    standard = text[:whole].translate(str.maketrans(_PLANTUML, _STANDARD))
    raw = _base64(standard + "=" * (-len(standard) % 4))
    found = inflate(raw, MAX_TEXT, raw=True) if raw is not None else None
    if found is None:
        return None
    source = found.decode("utf-8", "replace")
    return source if source.lstrip().startswith("@start") else f"@startuml\n{source}\n@enduml\n"
