"""The PNG redraw: pixels that a viewer shows and a text chunk that reads back exactly."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from drawn import diagrams
from hypothesis import HealthCheck, given, settings
from PIL import Image

from diagrasp.errors import InputError, NotFoundError, ParseError
from diagrasp.layout import arrange
from diagrasp.model import Diagram
from diagrasp.testing import HOSTILE, FormatContract
from diagrasp_formats.png import PngFormat

FORMAT = PngFormat()
TWO = Diagram(
    nodes=[{"id": "a", "label": "Проверить заявку"}, {"id": "b", "label": "Готово?", "shape": "decision"}],
    edges=[{"source": "a", "target": "b", "label": "да"}],
)


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(data)).convert("RGB"))


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(diagrams(most=4))
def test_reads_back_exactly(diagram: Diagram) -> None:
    written = FORMAT.write(diagram, scale=0.1)
    assert FORMAT.read(written.data).diagram == diagram
    assert FORMAT.sniff(written.data) == pytest.approx(0.9)


def test_letters_are_drawn_in_cyrillic_and_latin() -> None:
    """Every label leaves ink of its own: a font without the letters would leave the same boxes for both."""
    pictures = [
        FORMAT.write(Diagram(nodes=[{"id": "a", "label": label, "box": [0, 0, 120, 50]}]), scale=2).data
        for label in ("ЖЩЮ", "ЮЩЖ", "WMQ", "...")
    ]
    shown = [pixels(p) for p in pictures]
    assert len({picture.shape for picture in shown}) == 1
    for i in range(len(shown)):
        for j in range(i):
            assert (np.abs(shown[i].astype(int) - shown[j]) > 60).sum() > 30


def test_scale_theme_and_carry() -> None:
    small, large = FORMAT.write(TWO, scale=1), FORMAT.write(TWO, scale="3")
    assert abs(pixels(large.data).shape[0] - 3 * pixels(small.data).shape[0]) <= 3
    assert pixels(FORMAT.write(TWO, theme="dark").data)[0, 0].sum() < 120 < pixels(small.data)[0, 0].sum()
    bare = FORMAT.write(TWO, carry="no").data
    assert "diagrasp" not in repr(Image.open(BytesIO(bare)).info)
    with pytest.raises(ParseError):
        FORMAT.read(bare)


def test_same_bytes_every_time() -> None:
    assert FORMAT.write(TWO).data == FORMAT.write(TWO).data


def test_what_is_refused() -> None:
    for options in ({"scale": 0}, {"scale": "big"}, {"width": 3}, {"theme": "pink"}):
        with pytest.raises(InputError):
            FORMAT.write(TWO, **options)
    far = Diagram(nodes=[{"id": "a", "box": [0, 0, 90, 40]}, {"id": "b", "box": [60_000, 60_000, 90, 40]}])
    with pytest.raises(InputError, match="megapixels"):
        FORMAT.write(far, scale=1)
    assert pixels(FORMAT.write(far).data).size < 3 * 17_000_000
    with pytest.raises(ParseError):
        FORMAT.read(b"GIF89a")
    with pytest.raises(NotFoundError):
        FORMAT.read(FORMAT.write(TWO).data, page=2)


class TestContract(FormatContract):
    format = FORMAT
    unchanged = ("class", "flowchart")  # pictures take long; what carries the diagram is the same for every kind
    hostile = HOSTILE[::8]

    def _round_trip(self, diagram: Diagram) -> None:
        super()._round_trip(arrange(diagram))  # what has no place is given one
