"""`run_http`: the application behind uvicorn, until a signal ends it."""

from __future__ import annotations

import logging
import os
import socket
import sys
from typing import TYPE_CHECKING

import uvicorn

from diagrasp.errors import ConfigurationError
from diagrasp.http.app import create_app
from diagrasp.http.guards import is_loopback

if TYPE_CHECKING:
    from diagrasp.settings import Settings

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
GRACE = 20
"""Seconds that requests under way have to finish once a signal came."""

log = logging.getLogger("diagrasp.http")


def run_http(settings: Settings) -> None:
    """Serve HTTP on `settings.host` and `settings.port`; the address goes to stderr once it listens.

    SIGTERM and SIGINT stop taking connections, let what is under way finish for a while, then close engines and store.
    Addresses that a proxy reports are believed only where uvicorn's FORWARDED_ALLOW_IPS names the proxy.

    Raises:
        ConfigurationError: not loopback and no token, or the address cannot be listened on.
    """
    logging.basicConfig(level=settings.log_level.upper(), stream=sys.stderr, format=FORMAT)
    config = uvicorn.Config(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        lifespan="on",
        timeout_keep_alive=15,
        timeout_graceful_shutdown=GRACE,
        h11_max_incomplete_event_size=32 * 1024,
        limit_concurrency=1000,
        proxy_headers=bool(os.environ.get("FORWARDED_ALLOW_IPS")),
    )
    try:
        family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
        sock = socket.create_server((settings.host.strip("[]"), settings.port), family=family, backlog=config.backlog)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigurationError(f"cannot listen on {settings.host} port {settings.port}: {reason}") from None
    host, port = sock.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    print(f"diagrasp: http://{shown}:{port} (MCP at /mcp, documentation at /docs)", file=sys.stderr, flush=True)
    if not is_loopback(settings.host):
        log.warning("listening beyond this machine without TLS; put a proxy that speaks https in front")
    uvicorn.Server(config).run(sockets=[sock])
