"""PNG: the SVG redraw as pixels, with the diagram in a text chunk, so that it reads back exactly."""

from __future__ import annotations

import math
import re
from importlib.resources import as_file, files
from typing import Any

from diagrasp.carriers import KEYWORD, PNG_MAGIC, pack, png_texts, put_png_text
from diagrasp.errors import InputError, ParseError
from diagrasp.formats import FormatSpec, Read, Written
from diagrasp.model import Diagram
from diagrasp_formats.svg import SvgFormat, flag
from diagrasp_formats.svg.carried import read_carried

MAX_PIXELS = 64_000_000
SHARP, OVERVIEW = 16_000_000, 2_500_000
"""Pixels of a large picture, and of one whose letters could not be read at that size either."""
LEGIBLE = 0.6
"""The scale at which letters of 14 units are of eight pixels."""
_FACES = ("Regular", "Italic", "Bold", "BoldItalic")


class PngFormat:
    """Writes every diagram; reads what it wrote, and the sources that other tools leave in PNG."""

    spec = FormatSpec(
        id="png",
        title="PNG picture",
        media_type="image/png",
        suffixes=(".png",),
        kinds=SvgFormat.spec.kinds,
        features=SvgFormat.spec.features,
        binary=True,
        options={
            "theme": "light (default) or dark",
            "background": "yes (default) or no: whether the ground is painted",
            "carry": "yes (default) or no: whether the diagram itself is put into the file",
            "scale": "pixels for each unit of the drawing; by default 2, less for large drawings",
        },
    )

    def sniff(self, data: bytes) -> float:
        if not data.startswith(PNG_MAGIC):
            return 0.0
        return 0.9 if any(keyword == KEYWORD for keyword, _ in png_texts(data)) else 0.2

    def read(self, data: bytes, *, page: int | None = None) -> Read:
        if not data.startswith(PNG_MAGIC):
            raise ParseError("not a PNG", expected=["a PNG written by diagrasp"])
        return read_carried(data, page, "PNG")

    def write(self, diagram: Diagram, **options: Any) -> Written:
        carry = flag("carry", options.pop("carry", True))
        scale = _scale(options.pop("scale", None))
        unknown = set(options) - {"theme", "background"}
        if unknown:
            raise InputError(f"png has no option {min(unknown)!r}; it has {', '.join(self.spec.options)}")
        drawn = SvgFormat().write(diagram, carry=False, **options)
        png = rasterise(drawn.text, scale)
        return Written(put_png_text(png, KEYWORD, pack(diagram)) if carry else png, drawn.losses)


def rasterise(svg: str, scale: float | None = None) -> bytes:
    """An SVG of ours as PNG, in Roboto, which comes with the package `font-roboto` and has Cyrillic.

    Raises:
        InputError: at that scale the picture would exceed 64 megapixels.
    """
    import resvg_py

    match = re.search(r'<svg [^>]*?width="(\d+)" height="(\d+)"', svg[:1000])
    if match is None:
        raise InputError("the SVG states no size")
    area = int(match[1]) * int(match[2])
    if scale is None:
        scale = min(2.0, math.sqrt(SHARP / area))
        scale = scale if scale < 1 else math.floor(scale * 4) / 4
        if scale < LEGIBLE:
            scale = math.sqrt(OVERVIEW / area)
    if area * scale**2 > MAX_PIXELS * 1.02:
        raise InputError(
            f"at scale {scale:g} the picture would have {area * scale**2 / 1e6:.0f} megapixels; 64 are allowed"
        )
    with as_file(files("font_roboto") / "files") as folder:
        fonts = [str(folder / f"Roboto-{face}.ttf") for face in _FACES]
        plain = svg.isascii() or not re.search("[^\u0000-\u052f\u2000-\u206f\u2116\u2122]", svg)
        return bytes(
            resvg_py.svg_to_bytes(
                svg_string=svg,
                zoom=scale,
                font_files=fonts,
                font_family="Roboto",
                sans_serif_family="Roboto",
                skip_system_fonts=plain,  # loading them takes a while: only where Roboto may lack a character
            )
        )


def _scale(value: Any) -> float | None:
    if value is None:
        return None
    try:
        scale = float(value)
    except (TypeError, ValueError):
        scale = -1.0
    if not 0.05 <= scale <= 16:
        raise InputError(f"the option scale is a number from 0.05 to 16, not {value!r}")
    return scale
