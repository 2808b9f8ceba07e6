"""The one tree of errors that diagrasp raises on purpose.

Each message is one line that a user can act on: what is wrong, where, and what to do.
"""

from __future__ import annotations

from collections.abc import Sequence


class DiagraspError(Exception):
    """Base of every error raised on purpose.  `code` is the stable name that REST answers carry."""

    code = "error"


class InputError(DiagraspError):
    """What the caller gave cannot be used: not a picture, too large, unreadable, outside the allowed roots."""

    code = "bad_input"


class TooLargeError(InputError):
    """The input exceeds a limit (`DIAGRASP_MAX_BYTES`, `DIAGRASP_MAX_PIXELS`)."""

    code = "too_large"


class ForbiddenError(InputError):
    """The path or URL lies outside what the settings allow."""

    code = "forbidden"


class NotFoundError(InputError):
    """No diagram, page or file under the name given."""

    code = "not_found"


class UnsupportedFormat(InputError):
    """No format of that name, or one that cannot do what was asked (read or write)."""

    code = "unsupported_format"


class ParseError(InputError):
    """Text or data is not well-formed in its format.

    Args:
        message: what is wrong.
        line, column: where, counted from 1; None where the format has no lines.
        expected: what would have been right there.
    """

    code = "parse_error"

    def __init__(
        self, message: str, *, line: int | None = None, column: int | None = None, expected: Sequence[str] = ()
    ) -> None:
        self.reason, self.line, self.column, self.expected = message, line, column, tuple(expected)
        where = "" if line is None else f"line {line}" + ("" if column is None else f", column {column}") + ": "
        hint = f" (expected {' or '.join(self.expected)})" if self.expected else ""
        super().__init__(f"{where}{message}{hint}")


class EngineError(DiagraspError):
    """An engine could not do its work."""

    code = "engine_error"


class EngineUnavailable(EngineError):
    """The engine is not installed, not configured or lacks its weights; the message says how to get them."""

    code = "engine_unavailable"


class RecognitionTimeout(EngineError):
    """The picture took longer than `DIAGRASP_TIMEOUT`."""

    code = "timeout"


class Overloaded(DiagraspError):
    """The queue is full; try again after `retry_after` seconds."""

    code = "overloaded"

    def __init__(self, message: str, *, retry_after: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ConfigurationError(DiagraspError):
    """Settings that contradict each other or the machine."""

    code = "configuration"


class PluginError(DiagraspError):
    """A plugin could not be loaded or breaks its contract."""

    code = "plugin"
