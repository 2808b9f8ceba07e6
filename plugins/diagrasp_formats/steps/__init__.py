"""Steps: the algorithm as a Markdown table and as an outline."""

from __future__ import annotations

from typing import Any

from diagrasp.algorithm import algorithm
from diagrasp.formats import FormatSpec, Read, Written
from diagrasp.model import Diagram
from diagrasp_formats._common import (
    Losses,
    check_options,
    choice,
    encode,
    head_text,
    language,
    one_line,
    only_page,
    source_text,
)
from diagrasp_formats._telling import untold, with_named_events
from diagrasp_formats.steps.instructions import InstructionReader
from diagrasp_formats.steps.looks import score, written_here
from diagrasp_formats.steps.read import StepsReader
from diagrasp_formats.steps.words import LANGUAGES
from diagrasp_formats.steps.write import Outline, escape, table


class StepsFormat:
    """Writes the algorithm of a diagram, and reads one that is told in steps."""

    spec = FormatSpec(
        id="steps",
        title="Steps",
        media_type="text/markdown",
        suffixes=(".md",),
        aliases=("markdown", "table"),
        kinds=frozenset({"flowchart", "bpmn", "activity", "state", "sequence", "usecase", "block"}),
        features=frozenset({"label", "title", "edge.label", "group.lane", "group.pool"}),
        options={
            "view": "table, outline or both (both unless told)",
            "language": "of the text around the labels, ru or en (that of the labels unless told)",
        },
    )

    def sniff(self, data: bytes) -> float:
        return score(head_text(data))

    def read(self, data: bytes, *, page: int | None = None) -> Read:
        """Raises ParseError."""
        only_page(page)
        losses = Losses()
        text = source_text(data, "steps")
        reader = StepsReader(losses) if written_here(text) else InstructionReader(losses)
        return Read(reader.read(text), losses.done())

    def write(self, diagram: Diagram, **options: Any) -> Written:
        """Raises InputError."""
        check_options(options, self.spec.options, "steps")
        view = choice(options, "view", ("table", "outline", "both"), "both")
        tongue = choice(options, "language", LANGUAGES, language(diagram))
        words = LANGUAGES[tongue]
        told = with_named_events(diagram, tongue)
        found = algorithm(told)
        blocks: list[str] = []
        if diagram.title and one_line(diagram.title):
            blocks.append(f"# {escape(diagram.title)}")
        if view != "outline":
            blocks.append("\n".join(table(found, words)))
        if view != "table" and found.parts:
            if view == "both":
                blocks.append(f"## {words.outline}")
            blocks.append("\n".join(Outline(told, found, words).write()))
        return Written(encode("\n\n".join(blocks) + "\n"), Losses(untold(diagram, self.spec)).done())
