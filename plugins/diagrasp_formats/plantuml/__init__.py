"""PlantUML: activity, state, sequence, class and use case diagrams."""

from __future__ import annotations

import re
from typing import Any

from diagrasp.formats import FormatSpec, Read, Written
from diagrasp.model import Diagram
from diagrasp_formats._common import Losses, check_options, encode, head_text, source_text
from diagrasp_formats.plantuml import _source, _text, activity_write, classes, kinds, namespaces, sequence, state


class PlantumlFormat:
    """Reads and writes PlantUML."""

    spec = FormatSpec(
        id="plantuml",
        title="PlantUML",
        media_type="text/x-plantuml",
        suffixes=(".puml", ".plantuml", ".pu", ".iuml"),
        aliases=("puml",),
        kinds=frozenset({"activity", "state", "sequence", "class", "er", "usecase"}),
        features=state.FEATURES | classes.FEATURES | sequence.FEATURES | activity_write.FEATURES,
    )

    def sniff(self, data: bytes) -> float:
        text = head_text(data)
        if text.lstrip().startswith("<"):  # a picture that carries its source
            return 0.0
        if re.search(r"^\s*@startuml\b", text, re.MULTILINE):
            return 0.97
        return 0.0

    def read(self, data: bytes, *, page: int | None = None) -> Read:
        """Raises ParseError, NotFoundError: no such page."""
        losses = Losses()
        source = source_text(data, "PlantUML")
        text, title, direction = _source.body(source, losses, page)
        diagram = namespaces.nested(kinds.reader(text)(text, losses), namespaces.separator(source))
        changes: dict[str, Any] = {}
        if title:
            changes["title"] = title
        if direction:
            changes["direction"] = direction
        return Read(diagram.replace(**changes) if changes else diagram, losses.done(), _source.pages(source))

    def write(self, diagram: Diagram, **options: Any) -> Written:
        """Raises InputError."""
        check_options(options, self.spec.options, "plantuml")
        losses = Losses()
        text = kinds.write(diagram, self.spec, losses)
        head = ["@startuml"]
        if diagram.title:
            head.append(f"title {_titled(_text.quoted(diagram.title))}")
        if diagram.direction == "LR" and (diagram.kind in ("class", "er", "usecase") or text.startswith("state")):
            head.append("left to right direction")
        return Written(encode("\n".join(head) + "\n" + text + "@enduml\n"), losses.done())


def _titled(text: str) -> str:
    """A title as PlantUML takes it: with a letter or digit, if only in a code."""
    return text if re.search(r"[0-9A-Za-z]", text) or not text else f"<U+{ord(text[0]):04X}>{text[1:]}"
