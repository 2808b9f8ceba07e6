"""Words that a drawing tool breaks without a hyphen, where a box is narrower than the word.

What goes to the next line is then what did not fit: the end of a word, and no word itself.
"""

from __future__ import annotations

import re

from diagrasp.engines.embedded.labels.answers import WORDS

LONG, ALONE = 5, 4
"""Letters before a break at least, and before a letter that ends a name."""
ENDINGS = """
    й м н т е ы ю я ь л р х д ть ся ие ия ию ии ий ый ая яя ое ые ых ым ую юю ей ов ев ам ах ях ям ет ит ют ут ят
    ка ки ку ке ца цу цы сть сти тся ться ние ния нию ний ение ения ению ений ание ания анию аний ость ости остью
    ность ности ностью тель теля телю тели телей телем ция ции цию ций ация ации ацию ский ская ское ских ской ского
    скому ным ной ных ное ный ная ные ного ному ными ыми ими ого его ому ему ать ять ить еть ыть вать овать ировать
    ировка ется ются ится ятся ешь ишь ющий ющая ющих ующий ащий щика щику щик чик чика ника нику
    e s t d r g l h o ng ly ed er es nt ts ns al ry te se ce le re ty cy ge gy rs ing ion ons ent ate ted ers ity
    tion tions sion ment ments ness ance ence able ible ings ation ated ally
"""
ENDS = frozenset(ENDINGS.split())
"""What words end with that is hardly ever a word."""
WORD = re.compile(r"[a-zäöüßа-яё]+", re.IGNORECASE)
TWINS = "ATHBEKMOCPXYaeocpxykmt", "атнвекмосрхуаеосрхукмт"
"""Letters that look alike in the two alphabets: alone on a line, nothing tells which one it is."""
TO_RUSSIAN, TO_LATIN = str.maketrans(*TWINS), str.maketrans(TWINS[1][12:], TWINS[0][12:])


def joined(before: str, after: str, *, last: bool = False) -> str | None:
    """Both as one where a word goes on from line to line, else None.

    Args:
        before, after, last: as of `goes_on`.
    """
    word = before.rsplit(" ", 1)[-1]
    if len(after.rstrip("?!.:")) <= 2 and word[-1:].isalpha():
        table = TO_RUSSIAN if word[-1].casefold() >= "а" else TO_LATIN
        alike = after.translate(table)
        if (word + alike).casefold() in WORDS and len(alike) == 1:
            return before + alike.lower()
        if len(after) == 1 and after.islower():
            after = alike
    return before + after if goes_on(before, after, last=last) else None


def goes_on(before: str, after: str, *, last: bool = False) -> bool:
    """Whether the first word of a line is the end of the last one of the line before, which is that word alone.

    Args:
        before: what was said so far.
        after: the next line.
        last: it is a name's last line, so that a small letter alone is no "and", "in" or "a".
    """
    word = before.rsplit(" ", 1)[-1]
    found = WORD.match(after)
    if found is None or not WORD.fullmatch(word) or not word[-1].islower():
        return False
    end = found[0]
    if not end.islower() or after[len(end) : len(end) + 1] not in ("", " ", ",", ".", "?", "!", ":", ")"):
        return False
    if (word[-1] >= "а") != (end[0] >= "а"):
        return False  # letters of two alphabets
    rest = last and len(after.rstrip("?!.:")) == 1 and len(word) >= ALONE
    return rest or (len(word) >= LONG and end in ENDS)
