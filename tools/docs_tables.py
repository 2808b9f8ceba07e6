"""Write what the documentation takes from the code: the tables of docs/formats.md and docs/diagram.schema.json.

python tools/docs_tables.py
"""

from __future__ import annotations

import json
from pathlib import Path

from diagrasp.constructs import Verdict, row
from diagrasp.formats import FormatRegistry, Reader, Writer
from diagrasp.model import Diagram

DOCS = Path(__file__).resolve().parents[1] / "docs"
WORDS = frozenset({"direction", "frame", "head", "kind", "line", "tail", "trigger"})
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


def verdicts() -> dict[str, list[Verdict]]:
    """What each format that writes makes of each construct.  The pixels of `png` carry what `svg` does."""
    return {each.spec.id: row(each) for each in FormatRegistry(external=False) if _tried(each)}


def _tried(each: object) -> bool:
    return isinstance(each, Writer) and each.spec.id != "png"


def constructs_table(found: dict[str, list[Verdict]]) -> str:
    """What becomes of each construct; neighbours of one fate share a line, formats that keep all are left out."""
    shown = [id for id, row in found.items() if any(verdict.word != "exact" for verdict in row)]
    lines: list[tuple[str, list[str], list[str]]] = []
    for i, verdict in enumerate(found[shown[0]]):
        cells = [found[id][i].word for id in shown]
        if lines and lines[-1][0] == verdict.construct.section and lines[-1][2] == cells:
            lines[-1][1].append(verdict.construct.title)
        else:
            lines.append((verdict.construct.section, [verdict.construct.title], cells))
    head = ["construct", *(f"`{id}`" for id in shown)]
    made = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    before = ""
    for section, titles, cells in lines:
        name = f"**{section}**: " if section != before else ""
        before = section
        made.append(f"| {name}{_joined(titles)} | {' | '.join(cells)} |")
    return "\n".join(made)


def _joined(titles: list[str]) -> str:
    """`head one, head many` as `head one, many`."""
    said: list[str] = []
    before = ""
    for title in titles:
        first, _, rest = title.partition(" ")
        said.append(rest if rest and first == before and first in WORDS else title)
        before = first
    return ", ".join(said)


def formats_page(text: str) -> str:
    """The page with its tables made anew."""
    for head, table in (("format", formats_table()), ("construct", constructs_table(verdicts()))):
        begin = text.index(f"| {head} |")
        text = text[:begin] + table + text[text.index("\n\n", begin) :]
    return text


def schema() -> str:
    """The diagram's JSON Schema."""
    return json.dumps(Diagram.model_json_schema(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    page = DOCS / "formats.md"
    page.write_text(formats_page(page.read_text(encoding="utf-8")), encoding="utf-8")
    (DOCS / "diagram.schema.json").write_text(schema(), encoding="utf-8")
