"""Participants whose names fill their boxes from side to side, on pictures drawn here."""

from __future__ import annotations

import numpy as np

from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.sequence.heads import Head
from diagrasp.engines.embedded.sequence.names import with_whole_names
from diagrasp.engines.embedded.text.textlines import TextLine

LETTER = 10.0


def line(x0: int, x1: int, y0: int = 50) -> TextLine:
    box = Rect(x0, y0, x1, y0 + 12)
    return TextLine(box, (box,), 1)


def row(*middle: Head) -> list[Head]:
    """Heads between two whole ones, of 20 to 90 pixels."""
    first, last = (Head(Rect(x, 20, x + 120, 90), [line(x + 40, x + 80)]) for x in (0, 600))
    return [first, *middle, last]


def test_a_box_that_its_name_cuts_is_as_high_as_those_in_its_row() -> None:
    ink = np.zeros((200, 800), bool)
    heads = with_whole_names(row(Head(Rect(200, 52, 340, 90), [line(204, 336)], "database")), ink, LETTER)
    assert heads[1].box == Rect(200, 20, 340, 90)
    assert heads[1].shape == "participant"


def test_a_cylinder_below_its_name_stays_one() -> None:
    ink = np.zeros((200, 800), bool)
    cylinder = Head(Rect(200, 20, 280, 90), [line(210, 270, 70)], "database")
    assert with_whole_names(row(cylinder), ink, LETTER)[1] == cylinder


def test_a_name_in_pieces_reaches_from_side_to_side_of_its_box() -> None:
    ink = np.zeros((200, 800), bool)
    ink[20:90, 203] = True  # the box's side
    for x in range(207, 335, 8):
        ink[50:62, x : x + 5] = True
    pieces = Head(Rect(200, 20, 340, 90), [line(239, 300), line(303, 332)])
    (name,) = with_whole_names(row(pieces), ink, LETTER)[1].lines
    assert name.box == Rect(207, 50, 332, 62)


def test_a_name_in_one_piece_stays_as_it_is() -> None:
    ink = np.zeros((200, 800), bool)
    ink[50:62, 205:208] = True
    head = Head(Rect(200, 20, 340, 90), [line(215, 320)])
    assert with_whole_names(row(head), ink, LETTER)[1] == head
