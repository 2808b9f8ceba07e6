"""BPMN 2.0 XML with diagram interchange, both ways."""

from __future__ import annotations

import re
from typing import Any

from diagrasp.carriers import looks_like_svg
from diagrasp.errors import InputError
from diagrasp.formats import FormatSpec, Read, Written
from diagrasp.model import Diagram
from diagrasp_formats._common import head_text
from diagrasp_formats.bpmn.names import MODEL, NODES
from diagrasp_formats.bpmn.read import read_bpmn
from diagrasp_formats.bpmn.write import write_bpmn


class BpmnFormat:
    """Reads every BPMN 2.0 file with processes; writes what BPMN tools import without complaint."""

    spec = FormatSpec(
        id="bpmn",
        title="BPMN 2.0 XML",
        media_type="application/bpmn+xml",
        suffixes=(".bpmn", ".bpmn2", ".bpmn20.xml"),
        kinds=frozenset({"bpmn"}),
        features=frozenset(
            {
                "ids", "label", "title", "kind.bpmn", *(f"shape.{shape}" for shape in NODES.values()), "trigger",
                "attached_to", "group", "group.pool", "group.lane", "group.subprocess", "edge.label", "edge.kind.flow",
                "edge.kind.message", "edge.default", "box", "path",
            }
        ),
    )  # fmt: skip

    def sniff(self, data: bytes) -> float:
        head = head_text(data)
        if MODEL not in head or looks_like_svg(data):
            return 0.0
        return 0.95 if re.search(r"<(?:[\w.-]+:)?definitions[\s>]", head) else 0.2

    def read(self, data: bytes, *, page: int | None = None) -> Read:
        return read_bpmn(data, page)

    def write(self, diagram: Diagram, **options: Any) -> Written:
        if options:
            raise InputError(f"bpmn has no option {min(options)!r}")
        return write_bpmn(diagram)
