"""`diagrasp formats` and `diagrasp engines`."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import Any

from diagrasp.cli.reading import settings_of
from diagrasp.engines import EngineRegistry
from diagrasp.errors import DiagraspError
from diagrasp.formats import FormatRegistry, Reader, Writer


def run(arguments: argparse.Namespace) -> int:
    """List one of the two.  Returns the exit status."""
    settings = settings_of()
    if arguments.listed == "formats":
        rows = format_rows(FormatRegistry(external=settings.plugins))
        text = _formats_text(rows)
    else:
        rows = engine_rows(EngineRegistry(settings, external=settings.plugins))
        text = _engines_text(rows)
    print(json.dumps(rows, ensure_ascii=False, indent=1) if arguments.json else text)
    return 0


def format_rows(formats: FormatRegistry) -> list[dict[str, Any]]:
    """What is known of each format, the broken ones with the reason."""
    rows: list[dict[str, Any]] = [
        {
            "id": each.spec.id,
            "title": each.spec.title,
            "reads": isinstance(each, Reader),
            "writes": isinstance(each, Writer),
            "suffixes": list(each.spec.suffixes),
            "aliases": list(each.spec.aliases),
            "media_type": each.spec.media_type,
            "kinds": sorted(each.spec.kinds),
            "options": dict(each.spec.options),
            "origin": formats.origin(each.spec.id),
        }
        for each in formats
    ]
    rows += [{"id": each.name, "origin": each.origin, "broken": each.reason} for each in formats.broken]
    return sorted(rows, key=lambda row: str(row["id"]))


def engine_rows(engines: EngineRegistry) -> list[dict[str, Any]]:
    """What is known of each engine and what stands in its way here."""
    rows: list[dict[str, Any]] = []
    for id in engines.ids:
        try:
            engine = engines.get(id)
            problems = [
                {"message": each.message, "remedy": each.remedy, "fatal": each.fatal} for each in engine.check()
            ]
            rows.append(
                {
                    "id": id,
                    "title": engine.spec.title,
                    "description": engine.spec.description,
                    "revision": engine.revision,
                    "options": dict(engine.spec.options),
                    "works": not any(each["fatal"] for each in problems),
                    "problems": problems,
                }
            )
        except DiagraspError as error:
            rows.append({"id": id, "works": False, "problems": [{"message": str(error), "remedy": "", "fatal": True}]})
    return rows


def _formats_text(rows: Sequence[dict[str, Any]]) -> str:
    table = [("FORMAT", "CAN", "SUFFIXES", "WHAT IT IS")]
    notes = []
    for row in rows:
        if "broken" in row:
            table.append((row["id"], "broken", "", f"{row['broken']} ({row['origin']})"))
            continue
        can = "/".join(word for word, able in (("read", row["reads"]), ("write", row["writes"])) if able)
        title = row["title"] if row["origin"] == "diagrasp" else f"{row['title']} ({row['origin']})"
        table.append((row["id"], can, " ".join(row["suffixes"]), title))
        notes += [f"  {row['id']}: --option {name}=...  {text}" for name, text in row["options"].items()]
    return "\n".join([*columns(table), *(["", "options:", *notes] if notes else [])])


def _engines_text(rows: Sequence[dict[str, Any]]) -> str:
    lines = []
    table = [("ENGINE", "HERE", "WHAT IT IS")]
    for row in rows:
        table.append((row["id"], "works" if row["works"] else "no", row.get("title", "")))
        for problem in row["problems"]:
            remedy = f"; {problem['remedy']}" if problem["remedy"] else ""
            lines.append(f"  {row['id']}: {problem['message']}{remedy}")
        lines += [f"  {row['id']}: --option {name}=...  {text}" for name, text in row.get("options", {}).items()]
    return "\n".join([*columns(table), *(["", *lines] if lines else [])])


def columns(table: Sequence[Sequence[str]]) -> list[str]:
    """Lines of a table, its columns as wide as they must be."""
    widths = [max(len(row[i]) for row in table) for i in range(len(table[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]
