"""How much a text looks like steps, and whether it was written here."""

from __future__ import annotations

import re

_HEADER = re.compile(r"^\|[ \t]*(?:№|No\.?|#)[ \t]*\|", re.IGNORECASE | re.MULTILINE)
_COLUMNS = re.compile(
    r"^\|(?:[^|\n]*\|)*?[ \t]*(?:шаг|этап|step)[ \t]*\|[^\n]*\n[ \t]*\|[ \t]*:?-", re.MULTILINE | re.IGNORECASE
)
_TABLE = re.compile(
    r"^\|[^\n]*\b(?:действи|операци|action|task|step|activity)\w*[ \t]*\|[^\n]*\n\|[ \t:|-]+$",
    re.MULTILINE | re.IGNORECASE,
)
_OURS = re.compile(
    r"^\|[ \t]*(?:№[ \t]*\|[ \t]*Наименование действия|No\.[ \t]*\|[ \t]*Action)[ \t]*\||"
    r"^[ \t]*- (?:Начало|Start|Конец|End|Событие|Event): [«“]|"
    r"^[ \t]*- (?:Если|If|Пока|While|По условию|Given|Повторять, пока(?: не)?|Repeat (?:while|until)) [«“][^\n]*:"
    r"[ \t]*(?:\S[^\n]*)?$|^[ \t]*- (?:Ветвь|Part|Вариант|Option) \d|"
    r"^[ \t]*- (?:Подпроцесс|Subprocess):$",
    re.MULTILINE,
)


def written_here(text: str) -> bool:
    """Whether a text has the table or the outline that is written here."""
    return _OURS.search(text) is not None


def score(text: str) -> float:
    """How much a text looks like steps."""
    if _HEADER.search(text):
        return 0.9
    if _COLUMNS.search(text):
        return 0.8
    marks = r"^[ \t]*(?:\d+(?:\.\d+)*[.)]|(?:шаг|этап|step)[ \t]*\d+[.:)]?)[ \t]+\S"
    numbered = len(re.findall(marks, text, re.MULTILINE | re.IGNORECASE))
    if _TABLE.search(text):
        return 0.4
    if numbered < 2 and len(re.findall(r"^[ \t]*[-*•][ \t]+\w", text, re.MULTILINE)) >= 3:
        return 0.3
    return 0.6 if numbered >= 2 else 0.2 if numbered else 0.0
