"""Words that a drawing tool breaks without a hyphen, where a box is narrower than the word.

What goes to the next line is then what did not fit: the end of a word, and no word itself.
"""

from __future__ import annotations

import re

LONG = 5
"""Letters before a break at least."""
ENDINGS = """
    й м н т е ы ю ь л р х д ть ся ие ия ию ии ий ый ая яя ое ые ых ым ую юю ей ов ев ам ах ях ям ет ит ют ут ят
    ка ки ку ке ца цу цы сть сти тся ться ние ния нию ний ение ения ению ений ание ания анию аний ость ости остью
    ность ности ностью тель теля телю тели телей телем ция ции цию ций ация ации ацию ский ская ское ских ской ского
    скому ным ной ных ное ный ная ные ного ному ными ыми ими ого его ому ему ать ять ить еть ыть вать овать ировать
    ировка ется ются ится ятся ешь ишь ющий ющая ющих ующий ащий щика щику щик чик чика ника нику
    e s t d r g l h o ng ly ed er es nt ts ns al ry te se ce le re ty cy ge gy rs ing ion ons ent ate ted ers ity
    tion tions sion ment ments ness ance ence able ible ings ation ated ally
"""
ENDS = frozenset(ENDINGS.split())
"""What words end with that is hardly ever a word."""
WORD = re.compile(r"[a-zа-яё]+", re.IGNORECASE)


def goes_on(before: str, after: str) -> bool:
    """Whether the first word of a line is the end of the last one of the line before, which is that word alone.

    Args:
        before: what was said so far.
        after: the next line.
    """
    last = before.rsplit(" ", 1)[-1]
    found = WORD.match(after)
    if found is None or not WORD.fullmatch(last) or len(last) < LONG or not last[-1].islower():
        return False
    end = found[0]
    if not end.islower() or after[len(end) : len(end) + 1] not in ("", " ", ",", ".", "?", "!", ":", ")"):
        return False
    return last[-1].isascii() == end[0].isascii() and end in ENDS
