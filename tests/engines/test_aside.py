"""Work in a thread aside: what comes of it comes back, its errors as well."""

from __future__ import annotations

import threading

import pytest

from diagrasp.engines.embedded.aside import aside


def test_the_caller_goes_on_meanwhile() -> None:
    go = threading.Event()
    work = aside(lambda: go.wait(10) and threading.get_ident())
    go.set()  # only the caller can do that
    assert work.result(10) not in (False, threading.get_ident())


def test_errors_come_back() -> None:
    with pytest.raises(ZeroDivisionError):
        aside(lambda: 1 // 0).result(10)
