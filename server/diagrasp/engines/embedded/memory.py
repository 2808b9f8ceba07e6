"""Memory between pictures: kept for the next one that comes soon, given back where none does."""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8  # malloc.h of glibc
KEPT = 1 << 27
"""Bytes at a heap's free end that are kept until `give_back`: more saves no time, and takes 40 MB at the peak."""
LARGE = 1 << 25
"""Bytes of a piece that the system is asked for and given back by itself: planes of large drawings, which leave gaps.

More is no choice: it is the most that older versions of glibc take.
"""
REST = 5.0
"""Seconds after the last picture for which its memory is kept."""


def one_heap() -> bool:
    """Let all threads to come take memory from one heap, where the C library would give each its own; whether it will.

    `give_back` returns whole pages of any heap, but the free end of the first one only: each more would keep tens of
    megabytes.  Recognition takes memory in large pieces, so threads hardly wait for one another.  Of hundreds of planes
    in turn each would come fresh from the system, page by page, which takes a tenth of all time and more: what is free
    is kept until `give_back`.
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


class Rest:
    """Memory is given back once nobody has worked for a while: a picture that follows closely finds it ready.

    Safe for several threads that work at a time.

    Args:
        seconds: for how long after the last work memory is kept.
    """

    def __init__(self, seconds: float = REST) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._working = 0
        self._timer: threading.Timer | None = None

    @contextmanager
    def working(self) -> Iterator[None]:
        """No memory is given back within, unless the work itself does so."""
        with self._lock:
            self._working += 1
            self._forget()
        try:
            yield
        finally:
            with self._lock:
                self._working -= 1
                if not self._working:
                    self._timer = threading.Timer(self._seconds, self._over)
                    self._timer.daemon = True  # nobody waits for it at the end
                    self._timer.start()

    def end(self) -> None:
        """Give back now what nobody works with."""
        with self._lock:
            self._forget()
            if not self._working:
                give_back()

    def _over(self) -> None:
        with self._lock:
            if self._timer is threading.current_thread():  # else work began while this waited for the lock
                self._timer = None
                give_back()

    def _forget(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
