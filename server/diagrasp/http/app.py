"""`create_app`: the ASGI application, built from the settings."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import anyio.to_thread
from mcp.server.streamable_http_manager import StreamableHTTPASGIApp
from mcp.server.transport_security import TransportSecuritySettings
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from diagrasp import __version__
from diagrasp.errors import DiagraspError
from diagrasp.http import api, pages
from diagrasp.http.answers import answer, on_error, on_http_exception
from diagrasp.http.guards import HostGuard, RateGuard, TokenGuard, accepted_tokens, check_exposure
from diagrasp.http.limits import BodyGuard
from diagrasp.http.metrics import CONTENT_TYPE, Metrics
from diagrasp.http.openapi import describe
from diagrasp.http.tracking import Tracking
from diagrasp.mcp import create_server
from diagrasp.mcp.calls import Calls, inputs_for
from diagrasp.service import Service

if TYPE_CHECKING:
    from diagrasp.mcp.server import ServiceOpener
    from diagrasp.settings import Settings

ROOM = 64 * 1024
"""Bytes a body may have beside the picture: JSON around it, headers of a form's parts."""
CHECKED_FOR = 5.0
"""Seconds that an answer of /health/ready holds: probes must not cost work."""


def create_app(settings: Settings, *, open_service: ServiceOpener | None = None) -> Starlette:
    """Build the application; it opens the service when its lifespan begins.

    Args:
        settings: of the service, the limits and who may come in.
        open_service: gives the service for as long as the application runs; None opens one from the settings.

    Raises:
        ConfigurationError: it would be reachable from elsewhere without a token, or the tokens cannot be read.
    """
    tokens = accepted_tokens(settings)
    check_exposure(settings, tokens)
    metrics, inputs = Metrics(), inputs_for(settings, local=False)
    largest = (settings.max_bytes + 2) // 3 * 4 + ROOM  # a picture in base64
    held: list[Service] = []

    @asynccontextmanager
    async def held_service() -> AsyncIterator[Service]:
        yield held[0]

    server = create_server(settings, open_service=held_service, inputs=inputs, local=False, observe=metrics.observe)
    server.streamable_http_app(
        streamable_http_path="/mcp",
        stateless_http=not settings.sessions,
        max_request_body_size=largest,
        # HostGuard does this for every path, by the same settings.
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )

    # Without sessions there is nothing to send on the stream that GET opens, and nothing to DELETE: 405, as MCP allows.
    methods = ["GET", "POST", "DELETE"] if settings.sessions else ["POST"]
    mcp_route = Route("/mcp", endpoint=StreamableHTTPASGIApp(server.session_manager), methods=methods)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with (open_service or (lambda: Service.open(settings)))() as service:
            held[:] = [service]
            app.state.calls = Calls(service, inputs, door="rest", observe=metrics.observe)
            app.state.readiness = _Readiness(service)
            async with server.session_manager.run():
                yield

    async def exposition(request: Request) -> Response:
        service = request.app.state.calls.service
        told = metrics.render(await service.statistics(), service.engines.figures())
        return Response(told, headers={"Content-Type": CONTENT_TYPE})

    document = describe(tokens=bool(tokens))

    async def openapi(_: Request) -> Response:
        return answer(document)

    async def docs(_: Request) -> Response:
        return Response(pages.docs(document), media_type="text/html", headers={"Content-Security-Policy": pages.POLICY})

    own = [
        Route("/health", health),
        Route("/health/ready", ready),
        Route("/metrics", exposition),
        Route("/openapi.json", openapi),
        Route("/docs", docs),
    ]
    patterns = [route.path.partition("/{")[0] for route in (*own, *api.routes())]
    layers = [
        Middleware(Tracking, metrics=metrics, routes=["/mcp", *patterns]),
        Middleware(HostGuard, listening=settings.host, hosts=settings.allowed_hosts, origins=settings.cors_origins),
    ]
    if settings.cors_origins:
        layers.append(
            Middleware(
                CORSMiddleware,
                allow_origins=settings.cors_origins,
                allow_methods=["GET", "POST", "DELETE"],
                allow_headers=["Authorization", "Content-Type", "X-Request-ID", "Mcp-Session-Id",
                               "Mcp-Protocol-Version", "Mcp-Method", "Mcp-Name", "Last-Event-ID"],
                expose_headers=["X-Request-ID", "Retry-After", "Mcp-Session-Id"],
            )
        )  # fmt: skip
    layers += [
        Middleware(TokenGuard, tokens=tokens),
        Middleware(RateGuard, per_minute=settings.rate_limit),
        Middleware(BodyGuard, max_bytes=largest, seconds=settings.timeout),
    ]
    return Starlette(
        routes=[*own, *api.routes(), mcp_route],
        middleware=layers,
        exception_handlers={DiagraspError: on_error, HTTPException: on_http_exception},
        lifespan=lifespan,
    )


async def health(_: Request) -> Response:
    """Alive: the event loop answers."""
    return answer({"status": "ok", "version": __version__})


async def ready(request: Request) -> Response:
    """Ready: the engine that pictures go to can work; 503 and what is in the way where it cannot."""
    problems = await request.app.state.readiness.problems()
    if problems:
        return answer({"status": "not ready", "problems": problems}, 503)
    return answer({"status": "ready"})


class _Readiness:
    """Whether the default engine works, looked up at most every few seconds, off the event loop."""

    def __init__(self, service: Service) -> None:
        self._service, self._found, self._until = service, [""], 0.0
        self._lock = anyio.Lock()

    async def problems(self) -> list[str]:
        """What keeps pictures from being read; empty where nothing does."""
        async with self._lock:
            if time.monotonic() >= self._until:
                self._found = await anyio.to_thread.run_sync(self._look)
                self._until = time.monotonic() + CHECKED_FOR
            return self._found

    def _look(self) -> list[str]:
        chosen = self._service.settings.engine
        try:
            engine = self._service.engines.get("embedded" if chosen == "auto" else chosen)
            return [problem.message for problem in engine.check() if problem.fatal]
        except DiagraspError as error:
            return [str(error)]
