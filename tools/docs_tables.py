"""Write what the documentation takes from the code: the table of docs/formats.md and docs/diagram.schema.json.

python tools/docs_tables.py
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from diagrasp.formats import FormatRegistry, Reader, Writer
from diagrasp.model import Diagram

DOCS = Path(__file__).resolve().parents[1] / "docs"
KINDS = ("flowchart", "bpmn", "activity", "state", "sequence", "class", "er", "usecase", "c4", "mindmap", "block")


def formats_table() -> str:
    """The formats that come with diagrasp, a Markdown table."""
    lines = ["| format | what it is | reads | writes | suffixes | kinds of diagram |", "|---|---|---|---|---|---|"]
    for each in FormatRegistry(external=False):
        spec = each.spec
        able = [kind for kind in KINDS if kind in spec.kinds]
        reads, writes = ("yes" if isinstance(each, part) else "" for part in (Reader, Writer))
        kinds = "all" if len(able) == len(KINDS) else ", ".join(able)
        words = (f"`{spec.id}`", spec.title, reads, writes, " ".join(spec.suffixes), kinds)
        lines.append(f"| {' | '.join(words)} |")
    return "\n".join(lines)


def formats_page(text: str) -> str:
    """The page with its table made anew."""
    return re.sub(r"\| format \|.*?\n(?=\n)", lambda _: formats_table() + "\n", text, count=1, flags=re.DOTALL)


def schema() -> str:
    """The diagram's JSON Schema."""
    return json.dumps(Diagram.model_json_schema(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    page = DOCS / "formats.md"
    page.write_text(formats_page(page.read_text(encoding="utf-8")), encoding="utf-8")
    (DOCS / "diagram.schema.json").write_text(schema(), encoding="utf-8")
