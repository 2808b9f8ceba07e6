"""Entry: arguments to a command, errors to one line and an exit status.

0 done, 1 failed, 2 misuse, 130 interrupted.  A command is imported when it is run, so that `--help` loads nothing.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Coroutine, Sequence
from importlib import import_module
from typing import Any, TextIO, TypeVar

from diagrasp.cli.parser import parse
from diagrasp.errors import ConfigurationError, DiagraspError

FAILED, MISUSE, INTERRUPTED = 1, 2, 130
T = TypeVar("T")


class Misuse(Exception):
    """The command was called wrongly; the message says what is wrong."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        argv: arguments without the program's name; None takes the process's.

    Returns:
        The exit status.
    """
    _utf8(sys.stdout)
    try:
        arguments = parse(argv)
        _quiet()
        status = import_module(f"diagrasp.cli.{arguments.module}").run(arguments)
        sys.stdout.flush()
        return int(status or 0)
    except (Misuse, ConfigurationError) as error:
        complain(error)
        return MISUSE
    except DiagraspError as error:
        complain(error)
        return FAILED
    except OSError as error:
        _abandon_stdout()
        if not isinstance(error, BrokenPipeError):  # where the reader went away there is nothing to complain about
            complain(_os_message(error))
        return FAILED
    except KeyboardInterrupt:
        complain("interrupted")
        return INTERRUPTED


def run_async(work: Coroutine[Any, Any, T]) -> T:
    """`asyncio.run`, but an interrupted program does not wait for the threads that are still reading a picture."""
    import asyncio

    from diagrasp.engines.embedded.memory import one_heap

    one_heap()  # threads that are there before keep heaps of their own
    with asyncio.Runner() as runner:
        try:
            return runner.run(work)
        except KeyboardInterrupt:
            complain("interrupted")
            sys.stderr.flush()
            os._exit(INTERRUPTED)


def complain(message: object, *, where: str = "", kind: str = "error") -> None:
    """One line on stderr."""
    text = " ".join(str(message).split())
    print(f"diagrasp: {kind}: {f'{where}: ' if where and where not in text else ''}{text}", file=sys.stderr)


def _abandon_stdout() -> None:
    """Let go of what stdout did not take, or Python would try again on its way out and fail loudly."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _os_message(error: OSError) -> str:
    return f"{error.filename}: {error.strerror}" if error.filename else str(error.strerror or error)


def _utf8(stream: TextIO) -> None:
    """Results are UTF-8 with plain line ends whatever the locale says."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(encoding="utf-8", errors="replace", newline="\n")


def _quiet() -> None:
    """Libraries' warnings are for developers; they asked for them with -W."""
    if not sys.warnoptions:
        import warnings

        warnings.simplefilter("ignore")
