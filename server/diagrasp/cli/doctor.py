"""`diagrasp doctor`: what works here, what is missing and how to get it."""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from diagrasp import __version__
from diagrasp.cli.lists import columns, engine_rows, format_rows
from diagrasp.cli.main import FAILED, run_async
from diagrasp.cli.reading import settings_of
from diagrasp.engines import EngineRegistry
from diagrasp.formats import FormatRegistry
from diagrasp.settings import Settings, variables
from diagrasp.store import Store

OK, NOTE, BAD = "ok", "note", "BAD"
Line = tuple[str, str, str]
"""Verdict, subject, what there is to say."""

_OPTIONAL = {
    "vlm": ("vision models on this machine", ("torch", "transformers", "peft")),
    "tesseract": ("a second reader of text", ("tesserocr",)),
}
_LEAST_MEMORY = 1_000_000_000


def run(arguments: argparse.Namespace) -> int:
    """Look at everything.  Returns 1 where the default engine cannot work here."""
    settings = settings_of()
    lines = [
        *_machine(),
        *_packages(),
        *_settings(settings),
        *_formats(settings),
        *_engines(settings),
        *_vision(settings),
        *run_async(_store(settings)),
    ]
    print("\n".join(columns(lines)))
    return FAILED if any(verdict == BAD for verdict, _, _ in lines) else 0


def _machine() -> Iterator[Line]:
    yield (
        OK,
        "diagrasp",
        f"{__version__} on Python {platform.python_version()}, {platform.system()} {platform.machine()}",
    )
    total, free = _memory()
    text = f"{os.cpu_count()} cores, {total / 1e9:.1f} GB of memory, {free / 1e9:.1f} GB free" if total else "unknown"
    if total and free < _LEAST_MEMORY:
        yield NOTE, "machine", f"{text}; large pictures take up to 2 GB"
    else:
        yield OK, "machine", text


def _memory() -> tuple[int, int]:
    """Bytes of memory, all and available; zeros where the system does not say."""
    try:
        text = Path("/proc/meminfo").read_text("ascii")
        fields = {line.split(":")[0]: int(line.split()[1]) * 1024 for line in text.splitlines()}
        return fields["MemTotal"], fields["MemAvailable"]
    except (OSError, ValueError, KeyError, IndexError):
        pass
    try:
        page = os.sysconf("SC_PAGE_SIZE")
        total = page * os.sysconf("SC_PHYS_PAGES")
        return total, total
    except (AttributeError, ValueError, OSError):
        return 0, 0


def _packages() -> Iterator[Line]:
    names = ("pillow", "numpy", "opencv-python-headless", "onnxruntime", "mcp")
    found = {name: _version(name) for name in names}
    missing = [name for name, number in found.items() if not number]
    if missing:
        yield BAD, "packages", f"{', '.join(missing)} missing; pip install --force-reinstall diagrasp"
    else:
        yield OK, "packages", ", ".join(f"{name} {number}" for name, number in found.items())
    for extra, (purpose, needed) in _OPTIONAL.items():
        lacking = [name for name in needed if not _version(name)]
        if lacking:
            yield NOTE, f"extra {extra}", f"not installed ({purpose}); pip install 'diagrasp[{extra}]'"
        else:
            yield OK, f"extra {extra}", ", ".join(f"{name} {_version(name)}" for name in needed)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _settings(settings: Settings) -> Iterator[Line]:
    names = variables()
    given = sorted(names[field][0] for field in settings.model_fields_set if field in names)
    yield OK, "settings", f"set here: {', '.join(given)}" if given else "all at their defaults"


def _formats(settings: Settings) -> Iterator[Line]:
    rows = format_rows(FormatRegistry(external=settings.plugins))
    whole = [row["id"] for row in rows if "broken" not in row]
    yield (OK if whole else BAD), "formats", ", ".join(whole) or "none; pip install --force-reinstall diagrasp"
    for row in rows:
        if "broken" in row:
            remedy = f"update or uninstall {row['origin']}"
            yield NOTE, f"format {row['id']}", f"cannot be loaded: {row['broken']}; {remedy}"


def _engines(settings: Settings) -> Iterator[Line]:
    wanted = "embedded" if settings.engine == "auto" else settings.engine
    rows = engine_rows(EngineRegistry(settings, external=settings.plugins))
    if wanted not in [row["id"] for row in rows]:
        yield BAD, f"engine {wanted}", "not installed, but DIAGRASP_ENGINE asks for it"
    for row in rows:
        subject = f"engine {row['id']}"
        if not row["problems"]:
            yield OK, subject, row["title"]
        for problem in row["problems"]:
            verdict = BAD if problem["fatal"] and row["id"] == wanted else NOTE
            remedy = f"; {problem['remedy']}" if problem["remedy"] else ""
            yield verdict, subject, f"{problem['message']}{remedy}"


def _vision(settings: Settings) -> Iterator[Line]:
    """What the vision model of the settings takes, and how quick it was or will be here."""
    from diagrasp.engines.qwen3vl.config import Config
    from diagrasp.engines.qwen3vl.memory import describe, estimate
    from diagrasp.engines.qwen3vl.speed import guessed, recall, speed_key
    from diagrasp.errors import EngineUnavailable

    if settings.vlm_model is None:
        return
    config = Config.of(settings)
    yield OK, "vision model", describe(config)
    try:
        parts = estimate(config)
    except (EngineUnavailable, KeyError, TypeError):
        return
    told = (
        f"weights {parts.weights / 1e6:,.0f} MB, cache of the text {parts.cache / 1e6:,.0f} MB, "
        f"picture {parts.vision / 1e6:,.0f} MB"
    )
    yield OK, "its memory", told
    if (measured := recall(config.notes, speed_key(config))) is not None:
        speed = (
            f"cold start {measured.load_seconds:.1f} s, {measured.tokens_per_second:.1f} tokens/s, prompts "
            f"{measured.prefill_per_second:.0f} tokens/s, {measured.memory / 1e9:.2f} GB at the peak "
            f"(measured here over {measured.answers} answers)"
        )
        yield OK, "its speed", speed
    elif (expected := guessed(config)) is not None and config.device in ("auto", "cpu"):
        speed = (
            f"not measured yet; of this processor about {expected.tokens_per_second:.1f} tokens/s and prompts "
            f"at {expected.prefill_per_second:.0f} tokens/s are to be expected"
        )
        yield NOTE, "its speed", speed


async def _store(settings: Settings) -> list[Line]:
    async with Store.open(settings) as store:
        if store.warning:
            return [(NOTE, "cache", store.warning)]
        figures = await store.figures()
        return [(OK, "cache", f"{settings.db}, {figures['results']} results, {figures['bytes']:,} bytes")]
