"""Every request gets an id, a line in the access log and its place in the figures; nothing fails without an answer."""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from diagrasp.http.answers import refuse
from diagrasp.http.metrics import Metrics

log = logging.getLogger("diagrasp.http")
access = logging.getLogger("diagrasp.access")

_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Tracking:
    """The outermost layer.

    The access log holds method, path without query, status, time, size and who came (address, or the first digits of
    the token's digest); never a header, a body or a query, where secrets and pictures would be.
    """

    def __init__(self, app: ASGIApp, *, metrics: Metrics, routes: Sequence[str]) -> None:
        self.app, self._metrics = app, metrics
        self._routes = sorted(routes, key=len, reverse=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        id = given if _ID.fullmatch(given) else secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = id
        started, status, size = time.perf_counter(), 0, 0

        async def noted(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = id
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("Referrer-Policy", "no-referrer")
            size += len(message.get("body", b""))
            await send(message)

        self._metrics.began()
        try:
            await self.app(scope, receive, noted)
        except ClientDisconnect:
            status = status or 499
        except Exception:
            log.exception("request %s failed", id)
            if status:
                raise
            await refuse(500, f"internal error; the log has it under request {id}")(scope, receive, noted)
        finally:
            seconds = time.perf_counter() - started
            method = scope["method"] if scope["method"] in METHODS else "other"
            self._metrics.ended(method, self._route(scope["path"]), status or 499, seconds)
            access.info(
                "%s %s %s %d %.0fms %dB client=%s",
                id, scope["method"], _printable(scope["path"]), status or 499, seconds * 1000, size,
                scope["state"].get("client") or (scope.get("client") or ("local",))[0],
            )  # fmt: skip

    def _route(self, path: str) -> str:
        return next((route for route in self._routes if path == route or path.startswith(f"{route}/")), "other")


def _printable(path: str) -> str:
    """A path that cannot forge lines of the log."""
    return path[:200].encode("unicode_escape").decode("ascii")
