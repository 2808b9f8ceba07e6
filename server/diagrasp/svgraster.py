"""An SVG as pixels: only what draws is passed on, nothing that runs, loads or explodes.

The document is read without entities, counted, and written anew from a list of elements that draw.  Scripts, links,
embedded pictures, filters, masks and patterns are left out; a reference may name something in the document alone.
"""

from __future__ import annotations

import math
import re
from importlib.resources import as_file, files
from io import BytesIO
from typing import TYPE_CHECKING

from diagrasp.carriers import parse_svg, sources
from diagrasp.errors import InputError, TooLargeError
from diagrasp.xmltree import Tag, xml_attr, xml_text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SPACE = "http://www.w3.org/2000/svg"
MAX_ELEMENTS = 20_000
"""Elements that are drawn, each use of a symbol counted anew."""
SHARP, PLENTY = 16_000_000, 5_000
"""Pixels of a drawing; a quarter of that where it has so many elements."""
_DRAWN = frozenset(
    {
        "svg", "g", "defs", "symbol", "use", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text",
        "tspan", "textPath", "style", "linearGradient", "radialGradient", "stop", "clipPath", "marker", "switch", "a",
    }
)  # fmt: skip
_UNITS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0}
_FACES = ("Regular", "Italic", "Bold", "BoldItalic")


def raster(data: bytes, *, max_pixels: int) -> NDArray[np.uint8]:
    """The drawing on white, (H, W, 3) RGB; two pixels for each of its units where that is not too large.

    Raises:
        ParseError: no well-formed SVG, or one that declares entities.
        InputError: it has no size, or its labels are HTML, which is not drawn here.
        TooLargeError: more elements or pixels than allowed.
    """
    import numpy as np
    import resvg_py
    from PIL import Image

    root = parse_svg(data)
    count = _drawn(root)
    if _told_in_html(root) and not sources(data):  # a source is read, not the drawing
        raise InputError("the labels of this SVG are HTML, which is not drawn here; export it as PNG")
    x, y, width, height = _frame(root)
    scale = min(2.0, math.sqrt(min(SHARP / (4 if count > PLENTY else 1), max_pixels) / (width * height)))
    if scale < 0.1 or max(width, height) * scale > 30_000:
        raise TooLargeError(f"the SVG is {width:,.0f} x {height:,.0f} units, more than can be drawn")
    shown = f'viewBox="{x:g} {y:g} {width:g} {height:g}" width="{width:g}" height="{height:g}"'
    text = f'<svg xmlns="{SPACE}" {shown}>{"".join(_written(child) for child in root.children)}</svg>'
    plain = text.isascii() or not re.search("[^\u0000-\u052f\u2000-\u206f\u2116\u2122]", text)
    with as_file(files("font_roboto") / "files") as folder:
        try:
            png = resvg_py.svg_to_bytes(
                svg_string=text, zoom=scale, background="#ffffff", skip_system_fonts=plain, font_family="Roboto",
                font_files=[str(folder / f"Roboto-{face}.ttf") for face in _FACES], sans_serif_family="Roboto",
                serif_family="Roboto", monospace_family="Roboto", cursive_family="Roboto", fantasy_family="Roboto",
            )  # fmt: skip
        except ValueError as error:
            raise InputError(f"the SVG cannot be drawn: {str(error).splitlines()[0]}") from None
    with Image.open(BytesIO(bytes(png))) as image:
        return np.asarray(image.convert("RGB"))


def _drawn(root: Tag) -> int:
    """How many elements are drawn, those behind each `use` too.  Raises TooLargeError."""
    named = {tag.get("id"): tag for tag in root.walk() if tag.get("id")}
    counts: dict[str, int] = {}

    def size(tag: Tag, trail: frozenset[str]) -> int:
        total = 0
        for inner in tag.walk():
            total += 1
            target = inner.get("href").removeprefix("#") if inner.name == "use" else ""
            if target in named and target not in trail:
                if target not in counts:
                    counts[target] = size(named[target], trail | {target})
                total += counts[target]
            if total > MAX_ELEMENTS or len(trail) > 50:
                raise TooLargeError(f"the SVG draws more than {MAX_ELEMENTS:,} elements")
        return total

    return size(root, frozenset())


def _told_in_html(root: Tag) -> bool:
    """Whether words stand in HTML alone, without a fallback."""
    html = any(tag.name == "foreignObject" and tag.full_text().strip() for tag in root.walk())
    return html and not any(tag.name == "text" and tag.full_text().strip() for tag in root.walk())


def _frame(root: Tag) -> tuple[float, float, float, float]:
    """Left, top, width and height of what is shown."""
    box = [float(number) for number in re.findall(r"-?\d*\.?\d+(?:e-?\d{1,2})?", root.get("viewBox"))[:4]]
    if len(box) == 4 and box[2] > 0 and box[3] > 0:
        return box[0], box[1], box[2], box[3]
    sides = [_length(root.get(name)) for name in ("width", "height")]
    if not all(sides):
        raise InputError("the SVG states no size: neither viewBox nor width and height")
    return 0.0, 0.0, sides[0], sides[1]


def _length(text: str) -> float:
    match = re.fullmatch(r"\s*(\d{1,6}(?:\.\d{0,6})?|\.\d{1,6})\s*(px|pt|pc|mm|cm|in)?\s*", text)
    return float(match.group(1)) * _UNITS[match.group(2) or ""] if match else 0.0


def _written(tag: Tag) -> str:
    """The element as text again, with what is inside; empty for what does not draw."""
    if tag.name not in _DRAWN or tag.space not in ("", SPACE):
        return ""
    if tag.name == "style":
        return f"<style>{xml_text(tag.text)}</style>" if _inside(tag.text) and "@" not in tag.text else ""
    attrs = "".join(f' {key}="{xml_attr(value)}"' for key, value in tag.attrs.items() if _kept(key, value))
    parts: list[str] = []
    done = 0
    for child in tag.children:
        parts += [xml_text(tag.text[done : child.before]), _written(child)]
        done = child.before
    parts.append(xml_text(tag.text[done:]))
    body = "".join(parts) if tag.name in ("text", "tspan", "textPath", "a") else "".join(parts[1::2])
    return f"<{tag.name}{attrs}>{body}</{tag.name}>"


def _kept(key: str, value: str) -> bool:
    if not re.fullmatch(r"[A-Za-z][\w.-]*", key) or key.lower().startswith("on"):
        return False
    if key in ("filter", "mask"):
        return False
    return value.startswith("#") if key in ("href", "src") else _inside(value)


def _inside(value: str) -> bool:
    """Whether what a value loads stands in the document itself."""
    return all(found.strip("\"' \t").startswith("#") for found in re.findall(r"url\(([^)]*)", value, re.IGNORECASE))
