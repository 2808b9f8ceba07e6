"""Drawings made with a pen: on paper and photographed or scanned, or on a tablet.

Printed drawings have flat paper, straight strokes and closed outlines; these have none of it.  Their ink is found
against an uneven ground, ruled paper is taken away, gaps in outlines are closed at the scale of the letters, and what
comes out is an ordinary sheet, on which symbols are sought with more patience (`Sheet.hand`).
"""
