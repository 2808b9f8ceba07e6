"""A page of a PDF as pixels and words, and the sources that a PDF carries, by PDFium."""

from __future__ import annotations

import math
import threading
from typing import TYPE_CHECKING, Any

from diagrasp.errors import InputError, NotFoundError
from diagrasp.model import Box
from diagrasp.textlayer import MAX_WORDS, Word

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DPI = 200.0  # small print of a drawing on A4, 6 points, is then 17 pixels high
LARGEST = 32_000_000  # pixels a page is drawn with; the scale of a larger sheet is smaller
_MAX_CHARACTERS = 60_000
_MAX_ATTACHMENTS = 32
_MAX_ATTACHED = 32_000_000
_LOCK = threading.Lock()  # PDFium is not safe to use from two threads, whatever the document


def render_page(data: bytes, page: int, *, max_pixels: int) -> tuple[NDArray[np.uint8], int, tuple[Word, ...]]:
    """Draw a page on white.

    Args:
        data: the file.
        page: counted from 1.
        max_pixels: the page is drawn smaller where it would exceed them.

    Returns:
        (H, W, 3) RGB, the number of pages, and the words of the page with their boxes in pixels.

    Raises:
        InputError: not readable, or locked by a password.
        NotFoundError: no such page.
    """
    import numpy as np
    import pypdfium2

    with _LOCK:
        try:
            document = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError as error:
            locked = "password" in str(error).lower()
            raise InputError("it is locked by a password" if locked else f"it is no sound PDF ({error})") from None
        try:
            pages = len(document)
            if not 1 <= page <= pages:
                raise NotFoundError(f"it has {pages} page{'s' * (pages != 1)}; there is no page {page}")
            sheet: Any = document[page - 1]
            width, height = sheet.get_size()
            if not (math.isfinite(width * height) and width > 0 and height > 0):
                raise InputError(f"its page {page} has no size")
            scale = min(DPI / 72, math.sqrt(0.98 * min(max_pixels, LARGEST) / (width * height)))
            if min(width, height) * scale < 1:
                raise InputError(f"its page {page} is {width:g} x {height:g} points: too narrow to draw")
            bitmap = sheet.render(scale=scale, rev_byteorder=True, fill_color=(255, 255, 255, 255))
            pixels = np.ascontiguousarray(bitmap.to_numpy()[..., :3])
            return pixels, pages, tuple(_words(sheet, pixels.shape[1], pixels.shape[0]))
        except pypdfium2.PdfiumError as error:
            raise InputError(f"its page {page} cannot be drawn ({error})") from None
        finally:
            document.close()


def _words(sheet: Any, width: int, height: int) -> list[Word]:
    """The words of a page; characters that the file does not tell (`U+FFFD`, private use) end a word."""
    import ctypes

    import pypdfium2
    import pypdfium2.raw as pdfium

    try:
        text: Any = sheet.get_textpage()
    except pypdfium2.PdfiumError:
        return []
    x, y = ctypes.c_int(), ctypes.c_int()

    def place(left: float, top: float) -> tuple[int, int]:
        pdfium.FPDF_PageToDevice(sheet, 0, 0, width, height, 0, left, top, x, y)
        return x.value, y.value

    found: list[Word] = []
    letters: list[str] = []
    corners: list[tuple[int, int]] = []

    def flush() -> None:
        if letters and corners:
            xs, ys = [c[0] for c in corners], [c[1] for c in corners]
            box = Box(float(min(xs)), float(min(ys)), float(max(xs) - min(xs)), float(max(ys) - min(ys)))
            found.append(Word("".join(letters), box))
        letters.clear()
        corners.clear()

    for i in range(min(text.count_chars(), _MAX_CHARACTERS)):
        letter = chr(pdfium.FPDFText_GetUnicode(text, i) & 0x1FFFFF or 0xFFFD) if len(found) < MAX_WORDS else " "
        if letter.isspace() or not letter.isprintable() or letter == "\ufffd" or "\ue000" <= letter <= "\uf8ff":
            flush()
            continue
        left, bottom, right, top = text.get_charbox(i)
        letters.append(letter)
        corners += [place(left, top), place(right, bottom)]
    flush()
    text.close()
    return found


def attached(data: bytes) -> list[tuple[str, bytes]]:
    """What a PDF carries beside its pages: its attachments by name, and its subject under the name `Subject`."""
    import pypdfium2

    with _LOCK:
        try:
            document = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError:
            return []
        try:
            found = [("Subject", str(document.get_metadata_dict().get("Subject", "")).encode("utf-8", "replace"))]
            left = _MAX_ATTACHED
            for i in range(min(document.count_attachments(), _MAX_ATTACHMENTS)):
                attachment = document.get_attachment(i)
                body = bytes(attachment.get_data())
                left -= len(body)
                if left < 0:
                    break
                found.append((attachment.get_name(), body))
            return found
        except (pypdfium2.PdfiumError, ValueError):
            return []
        finally:
            document.close()
