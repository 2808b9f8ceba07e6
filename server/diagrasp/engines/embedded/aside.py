"""Work done aside: in a thread of its own, while the caller goes on with what does not need it.

OpenCV, NumPy and ONNX Runtime let others run while they work on large arrays, so two cores halve the waiting.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


def aside(work: Callable[[], T]) -> Future[T]:
    """Begin with some work; `.result()` waits for what comes of it, and raises what the work raised.

    Nobody has to wait: the thread is a daemon, and ends with its work.
    """
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # it belongs to whoever waits
            future.set_exception(error)

    threading.Thread(target=run, name="diagrasp aside", daemon=True).start()
    return future
