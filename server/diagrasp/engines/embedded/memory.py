"""Memory between pictures: what a large one took is not kept for the next."""

from __future__ import annotations

import ctypes
import os
import sys

M_ARENA_MAX = -8  # malloc.h of glibc


def one_heap() -> bool:
    """Let all threads to come take memory from one heap, where the C library would give each its own; whether it will.

    `give_back` returns whole pages of any heap, but the free end of the first one only: each more would keep tens of
    megabytes.  Recognition takes memory in large pieces, so threads hardly wait for one another.
    """
    if sys.platform != "linux" or "MALLOC_ARENA_MAX" in os.environ:  # whoever runs this has decided
        return False
    try:
        return bool(ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1))
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
