"""Who may come in: host and origin checks, bearer tokens, a rate for each client."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from diagrasp.errors import ConfigurationError
from diagrasp.http.answers import refuse, retry_after

if TYPE_CHECKING:
    from diagrasp.settings import Settings

OPEN_PATHS = frozenset({"/health", "/health/ready", "/docs", "/openapi.json"})
"""Answered without a token: they hold nothing of anybody's, and a container's health check has none."""
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")


def is_loopback(host: str) -> bool:
    """Whether an address to listen on can be reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def accepted_tokens(settings: Settings) -> tuple[bytes, ...]:
    """Digests of the tokens that callers may show, of `token` and of the lines of `tokens_file` (# comments).

    Raises:
        ConfigurationError: the file cannot be read or holds none; a token that guards more than the loopback has fewer
            than 16 characters.
    """
    tokens: list[str] = []
    if settings.token is not None and settings.token.get_secret_value().strip():
        tokens.append(settings.token.get_secret_value().strip())
    if settings.tokens_file is not None:
        try:
            lines = settings.tokens_file.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
            raise ConfigurationError(f"DIAGRASP_TOKENS_FILE: {settings.tokens_file} cannot be read: {reason}") from None
        found = [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]
        if not found:
            raise ConfigurationError(f"DIAGRASP_TOKENS_FILE: {settings.tokens_file} holds no token")
        tokens += found
    if not is_loopback(settings.host) and any(len(token) < 16 for token in tokens):
        raise ConfigurationError("a token has fewer than 16 characters; make one with `openssl rand -hex 32`")
    return tuple(_digest(token.encode()) for token in tokens)


def check_exposure(settings: Settings, tokens: Sequence[bytes]) -> None:
    """Refuse to be reachable from elsewhere without a token.

    Raises:
        ConfigurationError.
    """
    if not is_loopback(settings.host) and not tokens:
        raise ConfigurationError(
            f"listening on {settings.host} needs a token: set DIAGRASP_TOKEN or DIAGRASP_TOKENS_FILE, "
            "or listen on 127.0.0.1"
        )


class HostGuard:
    """Answers only requests meant for this server: a Host header it goes by, an Origin it knows.

    Against DNS rebinding and against pages in the user's own browser.  On a loopback address the names of the loopback
    count; elsewhere, where every request must show a token, any name does unless `allowed_hosts` lists some.
    """

    def __init__(self, app: ASGIApp, *, listening: str, hosts: Sequence[str], origins: Sequence[str]) -> None:
        self.app = app
        self._hosts = {host.lower() for host in (*LOOPBACK_NAMES, *hosts)}
        self._any = "*" in hosts or (not hosts and not is_loopback(listening))
        self._origins = {origin.rstrip("/").lower() for origin in origins}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        host = headers.get("host", "").lower()
        if not self._any and host not in self._hosts and _without_port(host) not in self._hosts:
            message = "this server does not go by that name; DIAGRASP_ALLOWED_HOSTS lists names"
            await refuse(421, message)(scope, receive, send)
            return
        origin = headers.get("origin", "").lower()
        if origin and not self._knows(origin, host):
            message = "pages of that origin may not call this server; DIAGRASP_CORS_ORIGINS lists origins"
            await refuse(403, message)(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _knows(self, origin: str, host: str) -> bool:
        return "*" in self._origins or origin in self._origins or urlsplit(origin).netloc == host


class TokenGuard:
    """Demands `Authorization: Bearer TOKEN` where there are tokens, and notes who came: `scope["state"]["client"]`.

    Tokens are compared as SHA-256 digests in constant time, and always with all of them, so the time taken says
    nothing of how much of a token was right, nor of which one.
    """

    def __init__(self, app: ASGIApp, *, tokens: Sequence[bytes]) -> None:
        self.app, self._tokens = app, tuple(tokens)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        client = (scope.get("client") or ("local", 0))[0]
        if self._tokens:
            shown = _bearer(Headers(scope=scope))
            digest = _digest(shown)
            matches = [hmac.compare_digest(digest, token) for token in self._tokens]
            if any(matches):
                client = f"token {digest.hex()[:8]}"
            elif scope["path"] not in OPEN_PATHS:
                message = "a valid token is needed" if shown else "this server asks for `Authorization: Bearer TOKEN`"
                await refuse(401, message, headers={"WWW-Authenticate": "Bearer"})(scope, receive, send)
                return
        scope.setdefault("state", {})["client"] = client
        await self.app(scope, receive, send)


class RateGuard:
    """A token bucket for each client: `per_minute` requests, as many at once; 0 for no limit.

    Only what makes work is counted: requests that carry a body.
    """

    def __init__(
        self, app: ASGIApp, *, per_minute: int, clients: int = 10_000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.app, self._rate, self._size, self._clock, self._clients = app, per_minute / 60, per_minute, clock, clients
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self._size and scope["method"] in ("POST", "PUT", "PATCH"):
            wait = self._take(scope["state"]["client"])
            if wait > 0:
                message = f"more than {self._size} requests a minute; try again in {max(1, round(wait))} s"
                await refuse(429, message, headers=retry_after(wait))(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _take(self, client: str) -> float:
        """Seconds until the next request is allowed; 0 where this one is."""
        now = self._clock()
        left, at = self._buckets.pop(client, (float(self._size), now))
        left = min(float(self._size), left + (now - at) * self._rate)
        wait = 0.0 if left >= 1 else (1 - left) / self._rate
        self._buckets[client] = (left if wait else left - 1, now)
        while len(self._buckets) > self._clients:
            self._buckets.popitem(last=False)
        return wait


def _digest(token: bytes) -> bytes:
    return hashlib.sha256(token).digest()


def _bearer(headers: Headers) -> bytes:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip().encode("latin-1", "replace") if scheme.lower() == "bearer" else b""


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]
