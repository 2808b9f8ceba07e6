"""Drawings whose symbols are named by letters and numbers: A, B1, 3 are names there, and no signs."""

from __future__ import annotations

import re

from diagrasp.engines.embedded.drawing import Scene
from diagrasp.engines.embedded.graph.kinds import Draft
from diagrasp.engines.embedded.labels.inner import holds_sign
from diagrasp.engines.embedded.picture.raster import Image
from diagrasp.engines.embedded.reading import LatinReader, LineReader, Reading, lexicon
from diagrasp.engines.embedded.reading.decode import LOOK_ALIKES

SIGNS = frozenset("XxХх+OoОо0*")
"""What the signs in gateways may be read as."""
SHORT = 3
"""Letters of a word that may be taken for one of the other script."""
SURE = 0.8
"""Least confidence of a letter that is a name."""
LEGIBLE = 0.7
"""The same of one that has a letter's size and place in a circle."""
WIDE, LARGE = 1.1, 0.45
"""Width of such a letter in heights of the print's, and its height as a share of the circle's, at most."""
ALIKE, OTHER = 0.3, 0.8
"""Share of a Cyrillic reading's confidence that a Latin one needs: of few letters or common ones, and of others."""
LISTED = 0.4
"""Confidence from which a Russian word that diagrams are likely to say is no Latin one."""
KEYS = {"РК": "PK", "FК": "FK", "РК, FK": "PK, FK", "РК,FK": "PK,FK"}
"""What marks keys in tables, as it may be read, and as it is written."""
RUSSIAN = frozenset(lexicon.RUSSIAN.split())


def one_script(readings: list[Reading], crops: list[Image], reader: LineReader) -> list[Reading]:
    """In a drawing whose text is Latin all but for a few letters, those few are Latin ones that look alike.

    So are letters of no word, as boxes named A, B and C have, where nothing in the whole drawing is rather Cyrillic.
    """
    if any(r.text in KEYS.values() for r in readings):  # a table's keys are alike
        readings = [r._replace(text=KEYS.get(r.text, r.text)) for r in readings]
    text = "".join(r.text for r in readings)
    cyrillic, latin = len(re.findall(r"[Ѐ-ӿ]", text)), len(re.findall(r"[A-Za-z]", text))
    if latin > cyrillic and all(c in LOOK_ALIKES for c in (r.text for r in readings) if re.fullmatch("[Ѐ-ӿ]", c)):
        readings = [r._replace(text=LOOK_ALIKES.get(r.text, r.text)) for r in readings]  # letters that stand alone
    doubtful = [i for i, r in enumerate(readings) if re.search(r"[Ѐ-ӿ]", r.text)]
    few = latin >= 20 and cyrillic <= 0.12 * latin
    short = all(len(readings[i].text) <= SHORT for i in doubtful)
    if not cyrillic or not (few or short) or not isinstance(reader, LatinReader):
        return readings
    again = dict(zip(doubtful, reader.read_latin([crops[i] for i in doubtful]), strict=True))
    sure = all(
        _neutral(readings[i].text) or (len(r.text) > 1 and r.text.isalpha() and r.confidence > readings[i].confidence)
        for i, r in again.items()
    )
    if not few and not sure:
        return readings
    return [again[i] if i in again and _rather(again[i], r) else r for i, r in enumerate(readings)]


def _rather(latin: Reading, reading: Reading) -> bool:
    """Whether a Latin reading is to be believed: a Russian word makes no good Latin one."""
    cyrillic = [c for c in reading.text if "Ѐ" <= c <= "ӿ"]
    words = re.findall(r"[а-яё]+", reading.text.lower())
    if reading.confidence >= LISTED and any(w in RUSSIAN for w in words):
        return False
    alike = all(c in LOOK_ALIKES for c in cyrillic) or len(cyrillic) <= SHORT  # `no` may pass for a Russian word
    return bool(latin.text) and latin.confidence >= (ALIKE if alike else OTHER) * reading.confidence


def named_by_letters(scene: Scene, readings: dict[int, Reading]) -> bool:
    """Whether most of the symbols that have a name, and two at least, have a letter or a number for one."""
    names = []
    for i, lines in scene.inside.items():
        name = " ".join(readings[id(t)].text for t in lines)
        if not holds_sign(scene.nodes[i], scene.sheet.letter) or (
            lines and _is_name(name) and name not in SIGNS and readings[id(lines[0])].confidence >= SURE
        ):
            names.append(name)
    lettered = sum(_is_name(name) for name in names)
    return lettered >= 2 and lettered >= 0.6 * len(names)


def letter_in(scene: Scene, i: int, readings: dict[int, Reading]) -> Draft | None:
    """A small symbol of such a drawing with its name; None where what is in it is no letter, or may be a sign.

    Args:
        i: the node, by position.
    """
    symbol, lines = scene.nodes[i], scene.inside.get(i, [])
    if len(lines) != 1 or not holds_sign(symbol, scene.sheet.letter):
        return None
    name, sure = readings[id(lines[0])]
    if not _is_name(name) or sure < SURE or (symbol.shape == "decision" and name in SIGNS):
        return None
    shape = "double_circle" if symbol.shape == "circle" and symbol.rings >= 2 else symbol.shape
    return Draft(shape, name, symbol.outline.fit.score * sure**0.25)


def reference_in(scene: Scene, i: int, readings: dict[int, Reading]) -> Draft | None:
    """A circle with a letter or a number of the print's size in its middle: where a flow goes on elsewhere.

    Signs of events are larger than letters, or wider than tall.
    """
    symbol, lines, letter = scene.nodes[i], scene.inside.get(i, []), scene.sheet.letter
    if symbol.shape != "circle" or len(lines) != 1:
        return None
    ring, own = symbol.outline.box, lines[0].box
    name, sure = readings[id(lines[0])]
    print_size = 0.7 * letter <= own.h <= 1.35 * letter and own.w <= WIDE * letter * len(name)
    centred = max(abs(own.cx - ring.cx), abs(own.cy - ring.cy)) <= 0.12 * ring.w and own.h <= LARGE * ring.h
    if not (print_size and centred and _is_name(name) and name not in SIGNS and sure >= LEGIBLE):
        return None
    return letter_in(scene, i, {id(lines[0]): Reading(name, max(sure, SURE))})


def _is_name(text: str) -> bool:
    return 1 <= len(text) <= 2 and text.isalnum()


def _neutral(text: str) -> bool:
    """Whether a name says nothing of the script: letters that both have, and digits."""
    return _is_name(text) and set(text.upper()) <= {*LOOK_ALIKES, *LOOK_ALIKES.values(), *"0123456789"}
