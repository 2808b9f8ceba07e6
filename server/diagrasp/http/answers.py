"""Answers in JSON, and which HTTP status says what about an error."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from diagrasp.errors import (
    ConfigurationError,
    DiagraspError,
    EngineError,
    EngineUnavailable,
    ForbiddenError,
    InputError,
    NotFoundError,
    Overloaded,
    ParseError,
    PluginError,
    RecognitionTimeout,
    TooLargeError,
    UnsupportedFormat,
)

# The first class that an error is an instance of decides, so the special ones come first.
STATUSES: tuple[tuple[type[DiagraspError], int], ...] = (
    (TooLargeError, 413),
    (ForbiddenError, 403),
    (NotFoundError, 404),
    (UnsupportedFormat, 422),
    (ParseError, 422),
    (InputError, 400),
    (RecognitionTimeout, 504),
    (EngineUnavailable, 503),
    (EngineError, 500),
    (Overloaded, 503),
    (PluginError, 500),
    (ConfigurationError, 500),
)
CODES = {
    400: "bad_input",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    408: "timeout",
    413: "too_large",
    415: "unsupported_media_type",
    421: "wrong_host",
    422: "unprocessable",
    429: "rate_limited",
    500: "internal",
    503: "overloaded",
    504: "timeout",
}


class MediaTypeError(InputError):
    """The body is of a type that the endpoint does not take."""

    code = "unsupported_media_type"


def status_of(error: DiagraspError) -> int:
    """The HTTP status that says what kind of error it is."""
    if isinstance(error, MediaTypeError):
        return 415
    return next((status for kind, status in STATUSES if isinstance(error, kind)), 500)


def answer(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer, non-ASCII text as it is."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")
    return Response(body, status, media_type="application/json", headers=dict(headers or {}))


def refuse(status: int, message: str, *, code: str = "", headers: Mapping[str, str] | None = None) -> Response:
    """`{"error": {"code", "message"}}`."""
    return answer({"error": {"code": code or CODES.get(status, "error"), "message": message}}, status, headers)


def retry_after(seconds: float) -> dict[str, str]:
    return {"Retry-After": str(max(1, math.ceil(seconds)))}


def refusal_of(error: DiagraspError) -> Response:
    """The answer that an error of ours becomes."""
    headers = retry_after(error.retry_after) if isinstance(error, Overloaded) else None
    return refuse(status_of(error), " ".join(str(error).split()), code=error.code, headers=headers)


async def on_error(_: Request, error: Exception) -> Response:
    """Starlette's handler of our errors."""
    assert isinstance(error, DiagraspError)  # noqa: S101
    return refusal_of(error)


async def on_http_exception(request: Request, error: Exception) -> Response:
    """Starlette's handler of its own: no such path, wrong method, malformed form."""
    assert isinstance(error, HTTPException)  # noqa: S101
    message = error.detail
    if error.status_code == 404:
        message = f"no such path: {request.url.path[:200]}"
    elif error.status_code == 405:
        message = f"{request.method} is not answered here"
    return refuse(error.status_code, message, headers=error.headers)
