"""The characters that the reader knows. Their order is the net's output order, so append, never insert."""

from __future__ import annotations

import string
from typing import Final

RUSSIAN: Final = "АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдежзийклмнопрстуфхцчшщъыьэюяЁё"
LATIN_MARKED: Final = "ÄÖÜäöüßÉéÈèÊêÀàÇçÑñÓóÍíÁáÚúÅåØøÆæ"
SIGNS: Final = "«»„“”’–—…№§©®°±×÷≤≥≠≈→←↑↓↔⇒•·€₽£✓✗✔✕λπµαβΔΣ∞²³"
ASCII_SIGNS: Final = string.punctuation

ALPHABET: Final = " " + string.digits + string.ascii_letters + RUSSIAN + ASCII_SIGNS + LATIN_MARKED + SIGNS
"""Class `i + 1` of the net is `ALPHABET[i]`; class 0 is CTC's blank."""
