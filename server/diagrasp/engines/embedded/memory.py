"""Memory between pictures: what a large one took is not kept for the next."""

from __future__ import annotations

import ctypes
import os
import sys

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8  # malloc.h of glibc
KEPT = 1 << 26
"""Bytes at a heap's free end that are kept while a picture is read."""
LARGE = 1 << 24
"""Bytes of a piece that the system is asked for and given back by itself: planes of large drawings, which leave gaps.

Twice as much saves hardly any time and takes 40 MB more at the peak; half as much takes one second in twenty-five.
"""


def one_heap() -> bool:
    """Let all threads to come take memory from one heap, where the C library would give each its own; whether it will.

    `give_back` returns whole pages of any heap, but the free end of the first one only: each more would keep tens of
    megabytes.  Recognition takes memory in large pieces, so threads hardly wait for one another.  Of hundreds of planes
    in turn each would come fresh from the system, page by page, which takes a tenth of all time: what is free is kept
    until `give_back`.
    """
    if sys.platform != "linux" or "MALLOC_ARENA_MAX" in os.environ:  # whoever runs this has decided
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
        settings = {M_ARENA_MAX: 1, M_TRIM_THRESHOLD: KEPT, M_MMAP_THRESHOLD: LARGE}
        return all(bool(mallopt(name, value)) for name, value in settings.items())
    except (AttributeError, OSError):  # another C library
        return False


def give_back() -> bool:
    """Hand memory that is free back to the system, where the C library would keep it; whether it could be asked.

    Recognition frees hundreds of megabytes in pieces of all sizes.  glibc keeps those that are no whole top of its
    heap, and a process that reads many pictures would grow by them.
    """
    if sys.platform != "linux":
        return False
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (AttributeError, OSError):  # another C library
        return False
    return True
