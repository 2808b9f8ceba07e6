# ruff: noqa: E501 (XML reads best unbroken)
"""Visio packages, made part by part."""

from __future__ import annotations

import zipfile
from io import BytesIO

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
