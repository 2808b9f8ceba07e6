"""Server data made into Markdown and into the props of the page's elements.

Labels come from pictures that strangers may have drawn: in Markdown every sign that could mean something is escaped,
and in the elements React prints text as text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from diagrasp_chat.client import Converted, Format, Loss, Recognised
from diagrasp_chat.graph import Graph, Node, StepRow, doubtful
from diagrasp_chat.texts import Language, count, feature_name, kind_name, said, say

_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~:@$&\"'^=/])")
_INVISIBLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_AUTOLINK = re.compile(r"(?i)(https?|ftp|mailto|www|xmpp)(?=[:.])|(?<=\S)@(?=\S)")
HIGH, MEDIUM = 0.85, 0.6
MAX_DOUBTS = 5
MAX_LINES, MAX_CHARACTERS = 200, 20_000
MAX_LOSSES, MAX_NAMES = 10, 3


def escape(text: str) -> str:
    """Text that Markdown prints as it is: no markup, no HTML, no directive, no automatic link, on one line."""
    flat = " ".join(_INVISIBLE.sub("", text).split())
    linkless = _AUTOLINK.sub(lambda hit: hit[0] + "\u2060", flat)
    return _SPECIAL.sub(r"\\\1", linkless)


def quote(label: str, language: Language) -> str:
    """A label in the language's quotation marks, escaped."""
    return f"«{escape(label)}»" if language == "ru" else f"“{escape(label)}”"


def bullets(lines: Iterable[str]) -> str:
    """A Markdown list of lines that are Markdown already."""
    return "\n".join(f"- {line}" for line in lines)


def fenced(text: str, language: str = "") -> str:
    """A code block that the text cannot leave."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def table(rows: Iterable[StepRow], language: Language) -> str:
    """The steps as a Markdown table."""
    head = [say(language, key) for key in ("number", "action", "role")]
    lines = [f"| {' | '.join(head)} |", "| --- | --- | --- |"]
    lines += [f"| {escape(row.number)} | {escape(row.action)} | {escape(row.role)} |" for row in rows]
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class OutlineLine:
    """A line of the algorithm and how deep it stands."""

    depth: int
    text: str


@dataclass(frozen=True, slots=True)
class Steps:
    """The server's `steps` format taken apart."""

    head: tuple[str, ...] = ()
    rows: tuple[StepRow, ...] = ()
    outline: tuple[OutlineLine, ...] = ()

    @property
    def language(self) -> Language:
        return "ru" if any("\u0400" <= ch <= "\u04ff" for cell in self.head for ch in cell) else "en"


def parse_steps(text: str) -> Steps:
    """The table and the outline in the text of the `steps` format."""
    head: tuple[str, ...] = ()
    rows: list[StepRow] = []
    outline: list[OutlineLine] = []
    for line in text.splitlines():
        if line.lstrip().startswith("|"):
            cells = [plain(cell) for cell in re.split(r"(?<!\\)\|", line.strip())[1:-1]]
            if not head:
                head = tuple(cells)
            elif not all(re.fullmatch(r":?-+:?", cell) for cell in cells) and len(cells) >= 2:
                rows.append(StepRow(cells[0], cells[1], cells[2] if len(cells) > 2 else ""))
        elif line.strip() and not line.lstrip().startswith("#"):
            indent = len(line) - len(line.lstrip())
            body = re.sub(r"^[-*+]\s+", "", line.strip())
            outline.append(OutlineLine(indent, plain(body)))
    widths = sorted({line.depth for line in outline})
    levels = {width: level for level, width in enumerate(widths)}
    return Steps(head, tuple(rows), tuple(OutlineLine(levels[line.depth], line.text) for line in outline))


def plain(markdown: str) -> str:
    """Markdown of one line as text: escapes undone, emphasis dropped, entities and `<br>` resolved."""
    text = re.sub(r"<br\s*/?>", " ", markdown.strip())
    text = re.sub(r"(?<!\\)(\*\*|__)(.+?)(?<!\\)\1", r"\2", text)
    text = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text)
    for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#124;", "|"), ("&amp;", "&")):
        text = text.replace(entity, sign)
    return text


def confidence_line(confidence: float | None, engine: str, language: Language) -> str:
    """How far to trust the result, in words."""
    if engine == "source":
        return say(language, "exact")
    if confidence is None:
        return ""
    key = "high" if confidence >= HIGH else "medium" if confidence >= MEDIUM else "low"
    return say(language, f"confidence_{key}", percent=round(confidence * 100))


def confidence_level(confidence: float | None, engine: str) -> str:
    """`high`, `medium`, `low` or empty, for the colour of the badge."""
    if engine == "source":
        return "high"
    if confidence is None:
        return ""
    return "high" if confidence >= HIGH else "medium" if confidence >= MEDIUM else "low"


def doubts(graph: Graph, language: Language) -> list[str]:
    """Elements to check, by name, as plain text."""
    unsure = list(doubtful(graph))
    lines = []
    for item in unsure[:MAX_DOUBTS]:
        if isinstance(item, Node):
            lines.append(say(language, "doubt_node", label=_mark(item.label, language)))
        else:
            ends = [graph.nodes[id].label if id in graph.nodes else "" for id in (item.source, item.target)]
            lines.append(say(language, "doubt_edge", source=_mark(ends[0], language), target=_mark(ends[1], language)))
    if len(unsure) > MAX_DOUBTS:
        lines.append(say(language, "doubt_more", count=len(unsure) - MAX_DOUBTS))
    return lines


def summary(graph: Graph, language: Language) -> str:
    """`BPMN process: 12 steps, 3 conditions, 2 roles` as plain text."""
    counts = [count(language, len(graph.numbers), "step")] if graph.numbers else []
    if graph.decisions:
        counts.append(count(language, len(graph.decisions), "decision"))
    if graph.roles:
        counts.append(count(language, len(graph.roles), "role"))
    if not counts:
        counts = [count(language, len(graph.nodes), "element"), count(language, len(graph.edges), "arrow")]
    return say(language, "found", kind=kind_name(language, graph.kind), counts=", ".join(counts))


@dataclass
class Card:
    """Everything that the page shows of one diagram."""

    name: str
    graph: Graph
    steps: Steps
    mermaid: str
    formats: list[Format]
    key: str
    recognised: Recognised | None = None
    page: int = 1
    original: str | None = None
    redraw: str | None = None
    warnings: list[str] = field(default_factory=list)

    def props(self, language: Language) -> dict[str, Any]:
        """The properties of the page's `DiagramView`."""
        found = self.recognised
        badge = confidence_line(found.confidence, found.engine, language) if found else ""
        notes = []
        if found and found.cached:
            notes.append(say(language, "cached"))
        elif found and found.elapsed_ms:
            notes.append(say(language, "took", seconds=f"{found.elapsed_ms / 1000:.1f}"))
        told = (said(language, warning) for warning in (*(found.warnings if found else ()), *self.warnings))
        warnings = [*filter(None, told), *doubts(self.graph, language)]
        if found and found.pages > 1:
            other = self.page + 1 if self.page < found.pages else 1
            warnings.append(say(language, "pages", page=self.page, pages=found.pages, other=other))
        own = self.steps.language if self.steps.head else language
        head = list(self.steps.head) or [say(own, key) for key in ("number", "action", "role")]
        return {
            "state": "done",
            "name": self.name,
            "summary": summary(self.graph, language),
            "badge": badge,
            "level": confidence_level(found.confidence, found.engine) if found else "",
            "notes": ", ".join(notes),
            "warnings": list(dict.fromkeys(warnings)),
            "original": self.original,
            "hasOriginal": self.original is not None,
            "redraw": self.redraw,
            "head": head,
            "rows": [[row.number, row.action, row.role] for row in self.steps.rows],
            "outline": [[line.depth, line.text] for line in self.steps.outline],
            "mermaid": self.mermaid,
            "formats": [{"id": f.id, "name": f.name} for f in self.formats if f.writes],
            "key": self.key,
            "texts": {key: say(language, key) for key in VIEW_TEXTS},
        }


VIEW_TEXTS = (
    "original", "redraw", "both", "zoom_in", "zoom_out", "fit", "full_screen", "close", "no_preview", "no_redraw",
    "steps", "outline", "no_steps", "copy", "copied", "convert_to", "pan_hint",
)  # fmt: skip


def conversion(made: Converted, format: Format, name: str, language: Language, graph: Graph | None = None) -> str:
    """The Markdown of a message that hands over a converted diagram."""
    parts = [say(language, "written", title=escape(format.name), name=escape(name), size=size(len(made.data)))]
    if lines := lost(made.losses, language, graph):
        parts.append(say(language, "losses", title=escape(format.name)) + "\n" + bullets(lines))
    if not made.binary and not made.media_type.startswith("image/"):
        shown, note = shortened(made.text, language)
        parts.append(fenced(shown, format.id))
        if note:
            parts.append(note)
    return "\n\n".join(parts)


def lost(losses: Iterable[Loss], language: Language, graph: Graph | None = None) -> list[str]:
    """What a format cannot say, a Markdown line for each feature with the elements that it befell."""
    gathered: dict[str, list[Loss]] = {}
    for loss in losses:
        name = feature_name(language, loss.feature)
        gathered.setdefault(name or said(language, loss.message) or loss.feature, []).append(loss)
    lines = []
    for name, befallen in gathered.items():
        labels = [_element(loss.element, language, graph) for loss in befallen if loss.element]
        shown = list(dict.fromkeys(label for label in labels if label))[:MAX_NAMES]
        line = escape(name)
        if shown and feature_name(language, befallen[0].feature):
            line += ": " + ", ".join(map(escape, shown))
            if len(labels) > len(shown):
                line += " " + say(language, "losses_more", count=len(labels) - len(shown))
        lines.append(line)
    if len(lines) > MAX_LOSSES:
        lines = [*lines[:MAX_LOSSES], say(language, "losses_more", count=len(lines) - MAX_LOSSES)]
    return lines


def _element(id: str, language: Language, graph: Graph | None) -> str:
    """An element's label in quotation marks, where it has one."""
    if graph is None:
        return ""
    label = graph.label(id)
    return _mark(label, language) if label else ""


def shortened(text: str, language: Language) -> tuple[str, str]:
    """As much of a text as a chat should show, and a line that says so where it is not all."""
    lines = text.rstrip("\n").split("\n")
    shown = lines[:MAX_LINES]
    while len(shown) > 1 and sum(map(len, shown)) > MAX_CHARACTERS:
        shown = shown[: len(shown) // 2]
    kept = "\n".join(shown)
    if len(shown) == len(lines) and len(kept) <= MAX_CHARACTERS:
        return kept, ""
    return kept[:MAX_CHARACTERS], say(language, "shortened", shown=len(shown), total=len(lines))


def size(number: int) -> str:
    """`1.2 kB`."""
    if number < 1000:
        return f"{number} B"
    return f"{number / 1000:.1f} kB" if number < 1_000_000 else f"{number / 1_000_000:.1f} MB"


def file_name(source: str, format: Format) -> str:
    """`order.bpmn` for `order.png` written as BPMN; safe as a file's name everywhere."""
    stem = PurePath(source.replace("\\", "/")).stem
    safe = re.sub(r"[^\w. -]+", "_", stem).strip(" ._")[:80] or "diagram"
    return f"{safe}{format.suffix}"


def _mark(label: str, language: Language) -> str:
    if not label:
        return say(language, "unlabelled")
    short = label if len(label) <= 60 else label[:59] + "…"
    return f"«{short}»" if language == "ru" else f"“{short}”"
