# ruff: noqa: E501 (XML reads best unbroken)
"""Visio packages, made part by part."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree as ET
from xml.sax.saxutils import quoteattr

V = 'xmlns="http://schemas.microsoft.com/office/visio/2012/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
RELS = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
MASTERS = {
    "2": "Process",
    "3": "Decision",
    "4": "Dynamic connector",
    "5": "Swimlane",
    "6": "Start/End",
    "7": "CFF Container",
}


def package(*pages: str, more: dict[str, bytes] | None = None) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        listing = "".join(
            f'<Page ID="{k}" Name="Страница-{k}"><PageSheet><Cell N="PageHeight" V="10"/></PageSheet><Rel r:id="r{k}"/></Page>'
            for k in range(1, len(pages) + 1)
        )
        target.writestr("visio/pages/pages.xml", f"<Pages {V}>{listing}</Pages>")
        links = "".join(f'<Relationship Id="r{k}" Target="page{k}.xml"/>' for k in range(1, len(pages) + 1))
        target.writestr("visio/pages/_rels/pages.xml.rels", f"<Relationships {RELS}>{links}</Relationships>")
        for k, page in enumerate(pages, 1):
            target.writestr(f"visio/pages/page{k}.xml", f"<PageContents {V}>{page}</PageContents>")
        masters = "".join(
            f'<Master ID="{id}" NameU="{name}"><Rel r:id="m{id}"/></Master>' for id, name in MASTERS.items()
        )
        target.writestr("visio/masters/masters.xml", f"<Masters {V}>{masters}</Masters>")
        links = "".join(f'<Relationship Id="m{id}" Target="master{id}.xml"/>' for id in MASTERS)
        target.writestr("visio/masters/_rels/masters.xml.rels", f"<Relationships {RELS}>{links}</Relationships>")
        for id in MASTERS:
            target.writestr(
                f"visio/masters/master{id}.xml",
                f'<MasterContents {V}><Shapes><Shape ID="1"><Cell N="Width" V="1"/><Cell N="Height" V="0.5"/></Shape></Shapes></MasterContents>',
            )
        for name, data in (more or {}).items():
            target.writestr(name, data)
    return out.getvalue()


def shape(id: int, master: int, text: str, x: float, y: float, *cells: str) -> str:
    more = "".join(f'<Cell N="{c.partition("=")[0]}" V="{c.partition("=")[2]}"/>' for c in cells)
    return f'<Shape ID="{id}" Master="{master}"><Cell N="PinX" V="{x}"/><Cell N="PinY" V="{y}"/>{more}<Text>{text}</Text></Shape>'


def line(id: int, text: str = "", *cells: str) -> str:
    more = "".join(f'<Cell N="{c.partition("=")[0]}" V="{c.partition("=")[2]}"/>' for c in cells)
    return f'<Shape ID="{id}" Master="4"><Cell N="BeginX" V="1.5"/><Cell N="BeginY" V="9"/><Cell N="EndX" V="3"/><Cell N="EndY" V="9"/>{more}<Text>{text}</Text></Shape>'


GLUE = (
    '<Connect FromSheet="{0}" FromCell="BeginX" ToSheet="{1}"/><Connect FromSheet="{0}" FromCell="EndX" ToSheet="{2}"/>'
)


def page(*shapes: str, connects: str = "") -> str:
    return f"<Shapes>{''.join(shapes)}</Shapes><Connects>{connects}</Connects>"


# -- whole drawings from a readable description -----------------------------------------------------------------------

TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
VISIO = "http://schemas.microsoft.com/visio/2010/relationships"


def source(path: Path) -> bytes:
    """A source of the corpus: the file, or the package that `NAME.vsdx.xml` describes."""
    return pack(path.read_text("utf-8")) if path.name.endswith(".vsdx.xml") else path.read_bytes()


def pack(description: str) -> bytes:
    """A package as Visio saves it, from the parts that matter in one XML document.

    `<Drawing>` holds a `<Masters>` with a `<Master>` for each (its attributes, and its `<Shapes>`), then each `<Page>`
    (its attributes, a `<PageSheet>`, `<Shapes>` and `<Connects>`): the elements are those of the package's own parts.
    """
    root = ET.fromstring(description)
    masters = root.findall("Masters/Master")
    pages = root.findall("Page")
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{TYPES}"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/visio/document.xml" ContentType="application/vnd.ms-visio.drawing.main+xml"/></Types>',
        "_rels/.rels": _links([("rId1", f"{VISIO}/document", "visio/document.xml")]),
        "visio/document.xml": f"<VisioDocument {V}/>",
        "visio/_rels/document.xml.rels": _links(
            [("rId1", f"{VISIO}/masters", "masters/masters.xml"), ("rId2", f"{VISIO}/pages", "pages/pages.xml")]
        ),
    }
    for kind, entries, content in (("Master", masters, "MasterContents"), ("Page", pages, "PageContents")):
        low = kind.lower()
        listing = "".join(_entry(kind, k, entry) for k, entry in enumerate(entries, 1))
        parts[f"visio/{low}s/{low}s.xml"] = f"<{kind}s {V}>{listing}</{kind}s>"
        links = [(f"rId{k}", f"{VISIO}/{low}", f"{low}{k}.xml") for k in range(1, len(entries) + 1)]
        parts[f"visio/{low}s/_rels/{low}s.xml.rels"] = _links(links)
        for k, entry in enumerate(entries, 1):
            inner = [child for child in entry if child.tag in ("Shapes", "Connects")]
            text = "".join(ET.tostring(child, encoding="unicode") for child in inner)
            parts[f"visio/{low}s/{low}{k}.xml"] = f'<{content} {V} xml:space="preserve">{text}</{content}>'
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, part in parts.items():
            stamp = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            target.writestr(stamp, f'<?xml version="1.0" encoding="utf-8" ?>\n{part}')
    return out.getvalue()


def _entry(kind: str, number: int, entry: ET.Element) -> str:
    attrs = "".join(f" {name}={quoteattr(value)}" for name, value in entry.attrib.items())
    sheet = entry.find("PageSheet")
    inner = ET.tostring(sheet, encoding="unicode") if sheet is not None else ""
    return f'<{kind}{attrs}>{inner}<Rel r:id="rId{number}"/></{kind}>'


def _links(links: list[tuple[str, str, str]]) -> str:
    rows = "".join(f'<Relationship Id="{id}" Type="{kind}" Target="{target}"/>' for id, kind, target in links)
    return f"<Relationships {RELS}>{rows}</Relationships>"
