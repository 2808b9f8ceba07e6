"""What users may send: which files the page takes, and what a file is by its bytes (never by its name)."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Literal

PICTURES = [
    "image/png", "image/jpeg", "image/webp", "image/gif", "image/bmp", "image/x-ms-bmp", "image/tiff", "image/svg+xml",
    "application/pdf",
]  # fmt: skip
SOURCE_SUFFIXES = [
    ".bpmn", ".d2", ".dot", ".drawio", ".excalidraw", ".gv", ".json", ".md", ".mermaid", ".mmd", ".plantuml", ".puml",
    ".txt", ".vsdx", ".xml",
]  # fmt: skip
# Browsers name the type of a source as they like, or not at all (octet-stream); the suffix decides then.
SOURCE_TYPES = [
    "application/octet-stream", "text/*", "application/json", "application/xml", "application/msword",
    "application/vnd.*",
]  # fmt: skip
DISPLAYED = {"image/png", "image/jpeg", "image/webp", "image/gif", "image/bmp", "image/svg+xml"}

_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"%PDF-", "application/pdf"),
)
SVG = "image/svg+xml"
_VSDX = "application/vnd.ms-visio.drawing"


def accepted() -> dict[str, list[str]]:
    """Media types and suffixes that the page takes, as Chainlit's `accept` wants them."""
    return {**{name: [] for name in PICTURES}, **dict.fromkeys(SOURCE_TYPES, SOURCE_SUFFIXES)}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to read.

    Attributes:
        kind: a picture to recognise, a text to convert, or a binary source to convert.
        url: where the page finds it, None where the browser cannot show it.
    """

    name: str
    data: bytes
    kind: Literal["picture", "text", "binary"]
    media_type: str
    url: str | None = None

    @property
    def source(self) -> str:
        """What `convert_format` takes: the text itself, or a data: URI."""
        if self.kind == "text":
            return decoded(self.data) or ""
        return f"data:{self.media_type};base64,{base64.b64encode(self.data).decode('ascii')}"


def read(path: Path, max_bytes: int) -> bytes | None:
    """A file's bytes; None where there are more than `max_bytes`."""
    with path.open("rb") as file:
        data = file.read(max_bytes + 1)
    return data if len(data) <= max_bytes else None


def classify(name: str, data: bytes, *, url: str | None = None) -> Upload | None:
    """What a file is; None where it is neither a picture nor the text of anything."""
    kind = picture_type(data)
    if kind is not None:
        # an SVG is no pixels: the server reads what it carries
        use: Literal["picture", "binary"] = "binary" if kind == SVG else "picture"
        return Upload(name, data, use, kind, url if kind in DISPLAYED else None)
    if data.startswith(b"PK\x03\x04") and PurePath(name).suffix.lower() == ".vsdx":
        return Upload(name, data, "binary", _VSDX)
    if decoded(data) is not None:
        return Upload(name, data, "text", "text/plain")
    return None


def picture_type(data: bytes) -> str | None:
    """The media type of a picture or PDF, by its first bytes."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    for magic, media_type in _MAGIC:
        if data.startswith(magic):
            return media_type
    head = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if re.match(rb"(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*|<!DOCTYPE svg[^>]*>\s*)*<(?:\w+:)?svg[\s>]", head, re.DOTALL):
        return "image/svg+xml"
    return None


def decoded(data: bytes) -> str | None:
    """The text of a file; None where it is no text."""
    try:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        return None
    return None if "\x00" in text else text


def format_of(name: str, suffixes: dict[str, str]) -> str:
    """The id of the format that a file's suffix stands for; `auto` where that is not certain."""
    suffix = PurePath(name).suffix.lower()
    return "auto" if suffix in (".xml", ".txt", ".md", "") else suffixes.get(suffix, "auto")
