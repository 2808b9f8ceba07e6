"""The example pictures: what they must be, and that their truth says what their source says."""

from __future__ import annotations

from pathlib import Path

import pytest
from graphs import differences
from PIL import Image
from snippets import ROOT

from diagrasp.formats import FormatRegistry, Reader
from diagrasp.model import Diagram

FOLDER = ROOT / "docs/examples"
PICTURES = sorted(FOLDER.glob("*.png"))


def _truth(picture: Path) -> Diagram:
    return Diagram.from_json(picture.with_suffix(".json").read_bytes())


@pytest.fixture(scope="module")
def formats() -> FormatRegistry:
    return FormatRegistry(external=False)


def test_there_are_enough_and_half_are_russian() -> None:
    assert len(PICTURES) >= 12
    assert sum(p.stem.endswith("-ru") for p in PICTURES) * 2 >= len(PICTURES) - 1
    assert {_truth(p).kind for p in PICTURES} >= {"bpmn", "flowchart", "activity", "state", "sequence"}
    assert sum(f.stat().st_size for f in FOLDER.iterdir()) < 6_000_000


def test_one_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    areas = []
    for picture in PICTURES:
        with Image.open(picture) as image:
            areas.append(image.width * image.height)
    assert max(areas) >= 20_000_000


@pytest.mark.parametrize("picture", PICTURES, ids=lambda p: p.stem)
def test_truth_fits_its_picture(picture: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    with Image.open(picture) as image:
        width, height = image.size
        assert not image.info.get("Software")
        assert not getattr(image, "text", {}), "the picture carries text that would give its source away"
    truth = _truth(picture)
    assert truth.nodes
    assert truth.edges
    for node in truth.nodes:
        if node.box is not None:
            assert node.box.x >= 0, node
            assert node.box.y >= 0, node
            assert node.box.right <= width, node
            assert node.box.bottom <= height, node
            for other in truth.groups:
                if other.id == node.group and other.box is not None:
                    assert other.box.contains(*node.box.center), node


@pytest.mark.parametrize("picture", PICTURES, ids=lambda p: p.stem)
def test_truth_is_what_the_source_says(picture: Path, formats: FormatRegistry) -> None:
    sources = [p for p in picture.parent.glob(f"{picture.stem}.*") if p.suffix not in (".png", ".json")]
    assert len(sources) == 1
    readers = [f for f in formats if isinstance(f, Reader) and sources[0].suffix in f.spec.suffixes]
    if not readers:
        assert sources[0].suffix not in (".bpmn", ".mmd"), "a reader that there was is gone"
        return
    if _truth(picture).kind not in readers[0].spec.kinds:
        return
    read = readers[0].read(sources[0].read_bytes()).diagram
    assert differences(_truth(picture), read) == []
