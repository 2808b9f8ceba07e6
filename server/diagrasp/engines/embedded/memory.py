"""Memory between pictures: what a large one took is not kept for the next."""

from __future__ import annotations

import ctypes
import sys


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
