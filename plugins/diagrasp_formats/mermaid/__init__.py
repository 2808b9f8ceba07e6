"""Mermaid: one module for each type of diagram, one grammar for each that is read."""

from __future__ import annotations

import json
import re
from typing import Any

from diagrasp.errors import ParseError
from diagrasp.formats import FormatSpec, Read, Written
from diagrasp.model import Diagram
from diagrasp_formats._common import Losses, check_options, encode, head_text, one_line, only_page, source_text
from diagrasp_formats.mermaid import classes, er, flowchart_write, sequence, state

_OTHERS = ["stateDiagram-v2", "stateDiagram", "sequenceDiagram", "classDiagram", "classDiagram-v2", "erDiagram"]
_WORDS = ["flowchart-elk", "flowchart", "graph"]
_HEADER = re.compile(r"\s*([A-Za-z][\w-]*)")
_FRONT = re.compile(r"\A\s*---[ \t]*\n(.*?)\n[ \t]*---[ \t]*(?=\n|\Z)", re.DOTALL)
_FENCE = re.compile(r"\A\s*(?:```|~~~|:::)[ \t]*\{?mermaid\}?[^\n]*\n(.*?)(?:\n\s*(?:```|~~~|:::)\s*)?\Z", re.DOTALL)
_DIRECTIVE = re.compile(r"%%\{.*?\}%%", re.DOTALL)
_COMMENT = re.compile(r"^[ \t]*%%[^\n]*", re.MULTILINE)
_TITLE = re.compile(r"^title[ \t]*:[ \t]*(.*)$", re.MULTILINE)
_SETTINGS = re.compile(r"^(?!title\b)(\w+)[ \t]*:", re.MULTILINE)


class MermaidFormat:
    """Reads and writes Mermaid."""

    spec = FormatSpec(
        id="mermaid",
        title="Mermaid",
        media_type="text/vnd.mermaid",
        suffixes=(".mmd", ".mermaid"),
        aliases=("mmd",),
        kinds=frozenset({"flowchart", "state", "sequence", "class", "er"}),
        features=flowchart_write.FEATURES | classes.FEATURES | er.FEATURES | sequence.FEATURES | state.FEATURES,
    )

    def sniff(self, data: bytes) -> float:
        text = head_text(data)
        fence = _FENCE.match(text)
        text = _FRONT.sub("", fence.group(1) if fence else text, count=1)
        match = _HEADER.match(_COMMENT.sub("", _DIRECTIVE.sub("", text)).lstrip("; \n"))
        if match is None or match.group(1) not in _known():
            return 0.0
        rest = text[match.end() :].lstrip(" \t")
        if match.group(1) == "graph":  # Graphviz begins so too
            return 0.9 if re.match(r"(TB|TD|BT|LR|RL|[<>^v])?\s*([;\n]|\Z|%%)", rest) and "{" not in rest[:4] else 0.1
        return 0.95

    def read(self, data: bytes, *, page: int | None = None) -> Read:
        """Raises ParseError."""
        only_page(page)
        losses = Losses()
        text, title = _prepared(source_text(data, "Mermaid"), losses)
        match = _HEADER.match(text.lstrip("; \n"))
        word = match.group(1) if match else ""
        if not word:
            raise ParseError("the source is empty", line=1, column=1, expected=["flowchart"])
        if word in ("stateDiagram", "stateDiagram-v2"):
            diagram = state.read(text, losses)
        elif word == "sequenceDiagram":
            diagram = sequence.read(text, losses)
        elif word in ("classDiagram", "classDiagram-v2"):
            diagram = classes.read(text, losses)
        elif word == "erDiagram":
            diagram = er.read(text, losses)
        elif word in _WORDS:
            from diagrasp_formats.mermaid.flowchart_read import Reader

            diagram = Reader(losses).read(text)
        else:
            line = text[: text.index(word)].count("\n") + 1
            raise ParseError(f"'{word}' begins no diagram that is read", line=line, column=1, expected=sorted(_known()))
        return Read(diagram.replace(title=title) if title else diagram, losses.done())

    def write(self, diagram: Diagram, **options: Any) -> Written:
        """Raises InputError."""
        check_options(options, self.spec.options, "mermaid")
        losses = Losses()
        if diagram.kind == "state":
            text = state.write(diagram, self.spec, losses)
        elif diagram.kind == "class":
            text = classes.write(diagram, self.spec, losses)
        elif diagram.kind == "er":
            text = er.write(diagram, self.spec, losses)
        elif diagram.kind == "sequence":
            text = sequence.write(diagram, self.spec, losses)
        else:
            text = flowchart_write.write(diagram, self.spec, losses)
        if diagram.title:
            title = json.dumps(one_line(diagram.title), ensure_ascii=False)
            text = f"---\ntitle: {title}\n---\n{text}"
        return Written(encode(text), losses.done())


def _known() -> list[str]:
    return _WORDS + _OTHERS


def _prepared(text: str, losses: Losses) -> tuple[str, str]:
    """The source without fences, front matter, directives and comments, its lines where they were; and the title."""
    title = ""
    if (fence := _FENCE.match(text)) is not None:
        text = "\n" * text.count("\n", 0, fence.start(1)) + fence.group(1)
    if (front := _FRONT.match(text)) is not None:
        text = "\n" * text.count("\n", 0, front.end()) + text[front.end() :]
        if (found := _TITLE.search(front.group(1))) is not None:
            title = _scalar(found.group(1).strip())
        if _SETTINGS.search(front.group(1)):
            losses.add("style", "", "the configuration in the front matter is not kept")

    def blank(match: re.Match[str]) -> str:
        losses.add("style", "", "the configuration in a directive is not kept")
        return "\n" * match.group(0).count("\n")

    return _COMMENT.sub("", _DIRECTIVE.sub(blank, text)), title


def _scalar(text: str) -> str:
    """A YAML scalar of one line."""
    if text[:1] == '"':
        try:
            return str(json.loads(text))
        except ValueError:
            return text.strip('"')
    if text[:1] == text[-1:] == "'" and len(text) > 1:
        return text[1:-1].replace("''", "'")
    return text
