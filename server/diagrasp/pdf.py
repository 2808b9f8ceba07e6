"""A page of a PDF as pixels, by PDFium."""

from __future__ import annotations

import math
import threading
from typing import TYPE_CHECKING, Any

from diagrasp.errors import InputError, NotFoundError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DPI = 200.0  # small print of a drawing on A4, 6 points, is then 17 pixels high
LARGEST = 32_000_000  # pixels a page is drawn with; the scale of a larger sheet is smaller
_LOCK = threading.Lock()  # PDFium is not safe to use from two threads, whatever the document


def render_page(data: bytes, page: int, *, max_pixels: int) -> tuple[NDArray[np.uint8], int]:
    """Draw a page on white.

    Args:
        data: the file.
        page: counted from 1.
        max_pixels: the page is drawn smaller where it would exceed them.

    Returns:
        (H, W, 3) RGB, and the number of pages.

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
            return np.ascontiguousarray(bitmap.to_numpy()[..., :3]), pages
        except pypdfium2.PdfiumError as error:
            raise InputError(f"its page {page} cannot be drawn ({error})") from None
        finally:
            document.close()
