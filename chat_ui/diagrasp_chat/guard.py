"""What stands between the network and Chainlit: who may talk to it, how much they may send, what the page may load.

Chainlit itself checks neither the Host nor the Origin of a request and takes a web socket from any page; without this
any page open in the user's browser could speak to a chat on the same machine.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
UPLOAD_OVERHEAD = 64 * 1024
OTHER_BODIES = 8 * 1024 * 1024

# Chainlit runs custom elements by evaluating them, hence 'unsafe-eval'; nothing is loaded from elsewhere.
PAGE_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' ws://{host} wss://{host}; "
    "worker-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
# an uploaded SVG opened by itself runs no script and loads nothing
FILE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; frame-ancestors 'none'"


class Guard:
    """ASGI middleware around Chainlit.

    Args:
        app: Chainlit's own application; its lifespan is not run (it opens browsers and ends the process).
        max_bytes: the largest upload.
        hosts: names under which the chat may be reached; None for any.
        origins: further origins whose pages may use the chat.
    """

    def __init__(
        self, app: ASGIApp, *, max_bytes: int, hosts: Iterable[str] | None, origins: Iterable[str] = ()
    ) -> None:
        self.app = app
        self.max_bytes = max_bytes
        self.origins = frozenset(origins)
        named = {urlsplit(origin).hostname or "" for origin in self.origins}
        self.hosts = None if hosts is None else frozenset(hosts) | named

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif reason := self._refused(scope):
            await _refuse(scope, receive, send, *reason)
        else:
            await self.app(scope, receive, self._with_headers(scope, send))

    def _refused(self, scope: Scope) -> tuple[int, str] | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if self.hosts is not None and _hostname(host) not in self.hosts:
            return 421, f"this chat is not served as {host or 'nothing'}; see DIAGRASP_CHAT_ORIGINS"
        origin = headers.get("origin")
        if origin and (scope["type"] == "websocket" or scope["method"] not in ("GET", "HEAD")):
            same = urlsplit(origin).netloc.lower() == host.lower()
            if not same and origin.rstrip("/") not in self.origins:
                return 403, f"pages of {origin} may not use this chat; see DIAGRASP_CHAT_ORIGINS"
        if scope["type"] == "http" and scope["method"] in ("POST", "PUT", "PATCH", "DELETE"):
            return self._too_large(scope["path"], headers)
        return None

    def _too_large(self, path: str, headers: Headers) -> tuple[int, str] | None:
        length = headers.get("content-length")
        if length is None or not length.isdigit():
            return (411, "a Content-Length is needed") if "transfer-encoding" in headers else None
        limit = self.max_bytes + UPLOAD_OVERHEAD if path.endswith("/project/file") else OTHER_BODIES
        return (413, f"larger than {limit} bytes (DIAGRASP_MAX_BYTES)") if int(length) > limit else None

    def _with_headers(self, scope: Scope, send: Send) -> Send:
        host = Headers(scope=scope).get("host", "")
        policy = FILE_POLICY if "/project/file/" in scope["path"] else PAGE_POLICY.format(host=host)

        async def wrapped(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["content-security-policy"] = policy
                headers["x-content-type-options"] = "nosniff"
                headers["referrer-policy"] = "no-referrer"
                headers["cross-origin-resource-policy"] = "same-origin"
                if scope["path"].startswith("/public/"):
                    headers["cache-control"] = "no-cache"
            await send(message)

        return wrapped


def _hostname(host: str) -> str:
    return (urlsplit(f"//{host}").hostname or "").lower() if host else ""


async def _refuse(scope: Scope, receive: Receive, send: Send, code: int, reason: str) -> None:
    if scope["type"] == "websocket":
        await WebSocketClose(code=1008, reason=reason[:120])(scope, receive, send)
    else:
        await JSONResponse({"detail": reason}, status_code=code)(scope, receive, send)


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
