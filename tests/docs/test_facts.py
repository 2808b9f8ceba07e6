"""What the pages state about settings, the schema, formats and links is what the code has."""

from __future__ import annotations

import json
import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest
from snippets import ROOT, blocks, pages

from diagrasp.engines import EngineRegistry
from diagrasp.formats import FormatRegistry
from diagrasp.model import Diagram
from diagrasp.settings import Settings, variables


def test_schema_is_the_models() -> None:
    written = json.loads((ROOT / "docs/diagram.schema.json").read_text(encoding="utf-8"))
    assert written == Diagram.model_json_schema()


def test_settings_page_lists_every_setting_with_its_aliases_default_and_meaning() -> None:
    rows: dict[str, tuple[str, str]] = {}
    for line in (ROOT / "docs/settings.md").read_text(encoding="utf-8").splitlines():
        if found := re.match(r"\| `(\w+)`([^|]*)\|([^|]*)\|(.*)\|$", line):
            rows[found[1]] = (found[2], found[4].strip())
    expected = variables()
    assert list(rows) == [names[0] for names in expected.values()]
    for field, names in expected.items():
        aliases, meaning = rows[names[0]]
        assert re.findall(r"`(\w+)`", aliases) == list(names[1:])
        description = Settings.model_fields[field].description
        assert description is not None
        assert meaning == description.replace("|", "\\|"), names[0]


@pytest.mark.parametrize("name", ["settings.md", "operations.md", "http.md", "cli.md", "mcp.md"])
def test_pages_name_no_setting_that_is_not_there(name: str) -> None:
    known = {one for names in variables().values() for one in names} | _chat_settings()
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert set(re.findall(r"DIAGRASP_[A-Z_]+[A-Z]", text)) <= known


def _chat_settings() -> set[str]:
    return set(re.findall(r"DIAGRASP_[A-Z_]+", (ROOT / "chat_ui/README.md").read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", ["order-approval-ru", "incident-en"])
def test_redraws_shown_carry_the_graph_of_their_picture(name: str) -> None:
    shown = (ROOT / f"docs/images/{name}-redraw.svg").read_bytes()
    truth = Diagram.from_json((ROOT / f"docs/examples/{name}.json").read_bytes())
    assert FormatRegistry(external=False).reader("svg").read(shown).diagram == truth


def _tables() -> ModuleType:
    spec = spec_from_file_location("docs_tables", ROOT / "tools/docs_tables.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_formats_page_has_a_row_for_each_format() -> None:
    text = (ROOT / "docs/formats.md").read_text(encoding="utf-8")
    assert text == _tables().formats_page(text), "make it anew: python tools/docs_tables.py"
    rows = re.findall(r"^\| `([\w-]+)` \|", text, re.MULTILINE)
    assert sorted(rows) == FormatRegistry(external=False).ids


def test_engines_page_has_a_row_for_each_engine() -> None:
    rows = re.findall(r"^\| `([\w-]+)` \|", (ROOT / "docs/engines.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(rows) == EngineRegistry(Settings.load(_env_file=None), external=False).ids


@pytest.mark.parametrize("page", pages(), ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for block in blocks(page):
        text = text.replace(block.text, "")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        path, _, anchor = target.partition("#")
        if "://" in path:
            continue
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), f"{page.name}: {target}"
        if anchor:
            heads = re.findall(r"^#+ (.+)$", there.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {_anchor(head) for head in heads}, f"{page.name}: {target}"


def _anchor(head: str) -> str:
    return re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-")
