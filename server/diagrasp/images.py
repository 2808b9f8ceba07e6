"""Bytes into a checked, decoded picture: every limit is tested before anything is decoded."""

from __future__ import annotations

import math
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

from diagrasp.carriers import looks_like_svg
from diagrasp.errors import DiagraspError, InputError, NotFoundError, TooLargeError
from diagrasp.pdf import render_page
from diagrasp.svgraster import raster
from diagrasp.textlayer import Word

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".pdf")
"""What the names of pictures end with; only folders are searched by them, contents decide everywhere else."""

_MEDIA_TYPES = {
    "PNG": "image/png",
    "JPEG": "image/jpeg",
    "WEBP": "image/webp",
    "BMP": "image/bmp",
    "GIF": "image/gif",
    "TIFF": "image/tiff",
    "PDF": "application/pdf",
    "SVG": "image/svg+xml",
}
_GROUNDS = (255, 32, 144)  # white, then dark, then the grey on which both light and dark drawings show
_DEEP = ("I;16", "I;16L", "I;16B", "I;16N", "I", "F")
_STRIP = 2_000_000  # pixels converted at a time
_LIMIT = threading.Lock()
_FAINT = 48  # levels of grey below which ink does not stand out from its ground


@dataclass(frozen=True)
class Picture:
    """A decoded picture.

    Attributes:
        data: the file as it came.
        pixels: (H, W, 3) RGB, 8 bits, turned upright by EXIF, transparency laid on a plain ground.
        media_type: what the file is.
        name: the file's name, where there is one.
        page, pages: which page this is, counted from 1, and of how many.
        words: the words of a PDF's page, where it has them as text.
    """

    data: bytes
    pixels: NDArray[np.uint8]
    media_type: str
    name: str = ""
    page: int = 1
    pages: int = 1
    words: tuple[Word, ...] = ()

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])


def load_picture(data: bytes, *, name: str = "", page: int | None = None, max_bytes: int, max_pixels: int) -> Picture:
    """Decode a picture: PNG, JPEG, WebP, BMP, GIF (first frame), SVG, or a page of a TIFF or PDF.

    Args:
        data: the file's bytes; what they are is told by the bytes, never by the name.
        name: for messages.
        page: which page, counted from 1; None is the first.
        max_bytes, max_pixels: limits; nothing is decoded of a picture that exceeds them.

    Raises:
        InputError: not a picture of these kinds, or damaged.
        TooLargeError: over a limit.
        NotFoundError: no such page.
    """
    label = name or "the picture"
    if not data:
        raise InputError(f"{label} is empty (0 bytes)")
    if len(data) > max_bytes:
        raise TooLargeError(
            f"{label} has {len(data):,} bytes, more than the {max_bytes:,} allowed (DIAGRASP_MAX_BYTES)"
        )
    kind = picture_kind(data)
    if kind is None and looks_like_svg(data):
        kind = "SVG"
    if kind is None:
        raise InputError(f"{label} is not a picture that can be read (PNG, JPEG, WebP, BMP, GIF, TIFF, PDF or SVG)")
    try:
        return _decode(data, kind, name, label, 1 if page is None else page, max_pixels)
    except DiagraspError:
        raise
    except MemoryError:
        raise TooLargeError(f"{label} does not fit into memory") from None
    except Exception as error:  # decoders raise whatever a stranger's bytes make them
        raise InputError(f"{label} is damaged: {_reason(error)}") from error


def picture_kind(data: bytes) -> str | None:
    """Which of the readable kinds the bytes begin like, named as Pillow does; None for none."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return "GIF"
    if data[:4] in (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"):
        return "TIFF"
    if b"%PDF-" in data[:1024]:  # readers allow for something before it
        return "PDF"
    if data[:2] == b"BM" and len(data) > 26:
        return "BMP"
    return None


def _decode(data: bytes, kind: str, name: str, label: str, page: int, max_pixels: int) -> Picture:
    if kind == "PDF":
        try:
            pixels, pages, words = render_page(data, page, max_pixels=max_pixels)
        except InputError as error:
            raise type(error)(f"{label} cannot be used: {error}") from None
        return Picture(data, pixels, _MEDIA_TYPES[kind], name, page, pages, words)
    if kind == "SVG":
        if page != 1:
            raise NotFoundError(f"{label} has 1 page; there is no page {page}")
        try:
            return Picture(data, raster(data, max_pixels=max_pixels), _MEDIA_TYPES[kind], name)
        except InputError as error:
            raise type(error)(f"{label} cannot be used: {error}") from None
    if kind == "WEBP":  # its decoder takes memory for the canvas as soon as it is opened
        _check_size(_webp_size(data), label, max_pixels)
    source = BytesIO(_without_text(data) if kind == "PNG" else data)
    with _pillow_allows(max_pixels), _opener(kind)(source) as image:
        pages = int(image.n_frames) if kind == "TIFF" else 1  # type: ignore[attr-defined]
        if not 1 <= page <= pages:
            raise NotFoundError(f"{label} has {pages} page{'s' * (pages != 1)}; there is no page {page}")
        if page > 1:
            image.seek(page - 1)
        _check_size(image.size, label, max_pixels)
        image.load()
        pixels = _pixels(image)
    return Picture(data, pixels, _MEDIA_TYPES[kind], name, page, pages)


@contextmanager
def _pillow_allows(max_pixels: int) -> Iterator[None]:
    """Pillow's process-wide limit out of the way where ours was set above it: some decoders look at it themselves."""
    from PIL import Image

    theirs = Image.MAX_IMAGE_PIXELS
    if theirs is None or max_pixels <= theirs:
        yield
        return
    with _LIMIT:
        theirs, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, max_pixels
        try:
            yield
        finally:
            Image.MAX_IMAGE_PIXELS = theirs


def _opener(kind: str) -> Callable[[BytesIO], Image.Image]:
    """Pillow's class for one kind.

    `Image.open` would warn or refuse by Pillow's own limit before the size is known here.
    """
    from PIL.BmpImagePlugin import BmpImageFile
    from PIL.GifImagePlugin import GifImageFile
    from PIL.JpegImagePlugin import JpegImageFile
    from PIL.PngImagePlugin import PngImageFile
    from PIL.TiffImagePlugin import TiffImageFile
    from PIL.WebPImagePlugin import WebPImageFile

    openers: dict[str, Callable[[BytesIO], Image.Image]] = {
        "BMP": BmpImageFile,
        "GIF": GifImageFile,
        "JPEG": JpegImageFile,
        "PNG": PngImageFile,
        "TIFF": TiffImageFile,
        "WEBP": WebPImageFile,
    }
    return openers[kind]


def _check_size(size: tuple[int, int], label: str, max_pixels: int) -> None:
    width, height = size
    if width <= 0 or height <= 0:
        raise InputError(f"{label} is damaged: {width} x {height} pixels")
    if width * height > max_pixels:
        raise TooLargeError(
            f"{label} has {width:,} x {height:,} pixels, more than the {max_pixels:,} allowed (DIAGRASP_MAX_PIXELS)"
        )


def _webp_size(data: bytes) -> tuple[int, int]:
    """Canvas size by the header (WebP Container Specification; RFC 6386 §9.1 for VP8)."""
    head = data[:30].ljust(30, b"\0")
    if head[12:16] == b"VP8X":
        return 1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(head[27:30], "little")
    if head[12:16] == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = struct.unpack("<HH", head[26:30])
    return width & 0x3FFF, height & 0x3FFF


def _without_text(data: bytes) -> bytes:
    """A PNG less its text chunks: Pillow refuses files with long ones, which is where tools keep a diagram's source."""
    kept: list[bytes | memoryview] = [data[:8]]
    found = False
    for name, chunk in _chunks(data):
        if name in (b"tEXt", b"zTXt", b"iTXt"):
            found = True
        else:
            kept.append(chunk)
    return b"".join(kept) if found else data


def _chunks(data: bytes) -> Iterator[tuple[bytes, memoryview]]:
    view, at = memoryview(data), 8
    while at + 8 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        yield data[at + 4 : at + 8], view[at : at + 12 + length]
        at += 12 + length
    if at < len(data):
        yield b"", view[at:]


def _pixels(image: Image.Image) -> NDArray[np.uint8]:
    """Any mode and orientation into (H, W, 3) RGB, strip by strip: a large picture is in memory twice only."""
    import numpy as np

    width, height = image.size
    pixels = np.empty((height, width, 3), np.uint8)
    extent = _extent(image) if image.mode in _DEEP else None
    ground = _ground(image) if image.has_transparency_data and not _opaque(image) else None
    for top, strip in _strips(image):
        if extent is not None:
            strip = _eight_bits(strip, *extent)
        if ground is not None:
            strip = _flat(strip.convert("RGBA"), ground)
        if strip.mode not in ("RGB", "RGBA"):
            strip = strip.convert("RGB")
        pixels[top : top + strip.height] = np.frombuffer(strip.tobytes("raw", "RGB"), np.uint8).reshape(-1, width, 3)
    return _upright(pixels, image)


def _opaque(image: Image.Image) -> bool:
    """Whether a picture with a channel for transparency makes no use of it, as most screenshots and exports do."""
    if "A" not in image.getbands():
        return False
    return all(strip.getchannel("A").getextrema()[0] == 255 for _, strip in _strips(image))


def _strips(image: Image.Image) -> Iterator[tuple[int, Image.Image]]:
    """Pieces of whole rows, each with the number of its first."""
    width, height = image.size
    rows = max(1, _STRIP // width)
    for top in range(0, height, rows):
        yield top, image.crop((0, top, width, min(height, top + rows)))


def _upright(pixels: NDArray[np.uint8], image: Image.Image) -> NDArray[np.uint8]:
    """Turned as EXIF's orientation asks for."""
    import numpy as np

    try:
        orientation = image.getexif().get(0x0112)
    except Exception:  # broken EXIF is no reason to refuse good pixels
        return pixels
    turns: dict[Any, Callable[[NDArray[np.uint8]], NDArray[np.uint8]]] = {
        2: lambda a: a[:, ::-1],
        3: lambda a: a[::-1, ::-1],
        4: lambda a: a[::-1],
        5: lambda a: a.transpose(1, 0, 2),
        6: lambda a: np.rot90(a, -1),
        7: lambda a: np.rot90(a, 2).transpose(1, 0, 2),
        8: np.rot90,
    }
    return np.ascontiguousarray(turns[orientation](pixels)) if orientation in turns else pixels


def _extent(image: Image.Image) -> tuple[float, float]:
    """The values that are black and white in a grey of 16 or 32 bits or floating point."""
    low, high = (float(value) for value in image.getextrema())  # type: ignore[arg-type]
    if image.mode != "F":
        return 0.0, 255.0 if high <= 255 else max(65535.0, high)
    if not (math.isfinite(low) and math.isfinite(high)) or (low >= 0 and high <= 1):
        return 0.0, 1.0
    return low, max(high, low + 1)


def _eight_bits(image: Image.Image, low: float, high: float) -> Image.Image:
    """Deep grey scaled to 8 bits."""
    import numpy as np
    from PIL import Image

    values = np.nan_to_num(np.asarray(image).astype(np.float32))
    return Image.fromarray(((values - low) * (255 / (high - low))).clip(0, 255).astype(np.uint8))


def _flat(image: Image.Image, level: int) -> Image.Image:
    """RGBA laid on a grey."""
    from PIL import Image

    ground = Image.new("RGB", image.size, (level, level, level))
    ground.paste(image, mask=image.getchannel("A"))
    return ground


def _ground(image: Image.Image) -> int:
    """The grey to lay a transparent picture on, judged by the ink that borders on transparency.

    White unless more than a quarter of that ink would be lost on it; then the ground that loses least.
    """
    import numpy as np

    counts = np.zeros(256, np.int64)
    for _, strip in _strips(image):
        strip = strip.convert("RGBA")
        ink = np.asarray(strip.getchannel("A")) >= 128
        inner = ink.copy()  # ink with ink on all four sides
        inner[1:] &= ink[:-1]
        inner[:-1] &= ink[1:]
        inner[:, 1:] &= ink[:, :-1]
        inner[:, :-1] &= ink[:, 1:]
        counts += np.bincount(np.asarray(strip.convert("L"))[ink & ~inner], minlength=256)
    if not counts.any():
        return _GROUNDS[0]
    levels = np.arange(256)
    lost = {level: counts[np.abs(levels - level) < _FAINT].sum() / counts.sum() for level in _GROUNDS}
    return _GROUNDS[0] if lost[_GROUNDS[0]] <= 0.25 else min(_GROUNDS, key=lambda level: lost[level])


def _reason(error: Exception) -> str:
    text = " ".join(str(error).split())
    return text or type(error).__name__
