"""`diagrasp-chat`: prepare the folder that Chainlit works in, put the guard in front of it, serve."""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
import os
import re
import secrets
import shutil
import signal
import socket
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from diagrasp_chat import files
from diagrasp_chat.guard import LOOPBACK, Guard
from diagrasp_chat.own_server import own_server
from diagrasp_chat.settings import ChatSettings
from diagrasp_chat.texts import ASSETS, LANGUAGES


def main(argv: Sequence[str] | None = None) -> None:
    """The command `diagrasp-chat`.  Exits 2 on settings that cannot be, 1 where it cannot listen."""
    parser = argparse.ArgumentParser(
        prog="diagrasp-chat", description="A chat for pictures of diagrams; it needs a running diagrasp server."
    )
    parser.add_argument("--url", help="the diagrasp server (DIAGRASP_URL; http://127.0.0.1:8000)")
    parser.add_argument("--host", help="address to listen on (DIAGRASP_CHAT_HOST; 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port to listen on (DIAGRASP_CHAT_PORT; 8001)")
    parser.add_argument("--no-server", action="store_true", help="start no diagrasp server where none answers")
    arguments = vars(parser.parse_args(argv))
    alone = arguments.pop("no_server")
    given = {key: value for key, value in arguments.items() if value is not None}
    try:
        settings = ChatSettings(**given)
    except ValidationError as error:
        first = error.errors()[0]
        parser.error(f"{'.'.join(map(str, first['loc']))}: {first['msg']}")
    if not settings.loopback and settings.password is None:
        parser.error(f"listening on {settings.host} needs a password: set DIAGRASP_CHAT_PASSWORD")
    try:
        listener = _listen(settings)
    except OSError as error:
        sys.exit(f"diagrasp-chat: cannot listen on {settings.host}:{settings.port}: {error.strerror or error}")
    # uvicorn sends itself the signal again when it is done; what was started here must still be stopped then
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with (
        contextlib.suppress(KeyboardInterrupt),
        contextlib.nullcontext("") if alone else own_server(settings) as note,
    ):
        if note:
            print(f"diagrasp-chat: {note}", flush=True)
        serve(settings, listener)


def serve(settings: ChatSettings, listener: socket.socket) -> None:
    """Run the chat on a bound socket until it is interrupted."""
    prepare(settings)
    import uvicorn

    app = build(settings)
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    print(f"diagrasp-chat: http://{host}:{settings.port}", flush=True)
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=3, server_header=False)
    try:
        uvicorn.Server(config).run(sockets=[listener])
    finally:
        shutil.rmtree(settings.root / ".files", ignore_errors=True)


def build(settings: ChatSettings) -> Guard:
    """The ASGI application.  `prepare` comes first: Chainlit reads its folder when it is imported."""
    logging.getLogger("chainlit").setLevel(logging.ERROR)  # it warns of every missing translation of its own
    from chainlit.config import config
    from chainlit.server import app

    from diagrasp_chat.app import register

    config.run.headless = True
    register(settings)
    hosts = LOOPBACK | {settings.host} if settings.loopback else None
    return Guard(app, max_bytes=settings.max_bytes, hosts=hosts, origins=settings.origins)


def prepare(settings: ChatSettings) -> None:
    """Write what Chainlit reads: its configuration, translations, welcome text and the page's files."""
    root = settings.root
    shutil.rmtree(root, ignore_errors=True)
    (root / ".chainlit" / "translations").mkdir(parents=True, mode=0o700)
    root.chmod(0o700)
    os.environ["CHAINLIT_APP_ROOT"] = str(root)
    # Chainlit brings tracing libraries along; nothing here uses them, and they stay silent
    os.environ.update(OTEL_SDK_DISABLED="true", TRACELOOP_TELEMETRY="false")
    if settings.password is not None:
        os.environ["CHAINLIT_AUTH_SECRET"] = _secret(settings.data / "session-secret")
    shutil.copytree(ASSETS / "public", root / "public")
    (root / ".chainlit" / "config.toml").write_text(configuration(settings), encoding="utf-8")
    chainlit = _chainlit()
    _copy_page(chainlit / "frontend" / "dist", root / "frontend")
    own = json.loads((chainlit / "translations" / "en-US.json").read_text(encoding="utf-8"))
    for language in LANGUAGES:
        ours = json.loads((ASSETS / "translations" / f"{language}.json").read_text(encoding="utf-8"))
        text = json.dumps(_merged(own, ours), ensure_ascii=False)
        guide = (ASSETS / f"guide.{language}.md").read_text(encoding="utf-8")
        for tag in (language, {"en": "en-US", "ru": "ru-RU"}[language]):
            (root / ".chainlit" / "translations" / f"{tag}.json").write_text(text, encoding="utf-8")
            (root / f"chainlit_{tag}.md").write_text(guide, encoding="utf-8")
    shutil.copy(root / "chainlit_en.md", root / "chainlit.md")


def _chainlit() -> Path:
    """Where Chainlit is installed, found without importing it: it reads our folder when it is imported."""
    spec = find_spec("chainlit")
    if spec is None or spec.origin is None:
        sys.exit("diagrasp-chat: chainlit is not installed here; install diagrasp-chat in an environment of its own")
    return Path(spec.origin).parent


def _copy_page(built: Path, to: Path) -> None:
    """Chainlit's own page, less its source maps and what it loads from other hosts (fonts, a style for formulas)."""
    (to / "assets").mkdir(parents=True)
    for part in (built / "assets").iterdir():
        if not part.name.endswith(".map"):
            (to / "assets" / part.name).write_bytes(part.read_bytes())
    page = (built / "index.html").read_text(encoding="utf-8")
    (to / "index.html").write_text(re.sub(r"<link\b[^>]*\bhttps://[^>]*>", "", page), encoding="utf-8")


def configuration(settings: ChatSettings) -> str:
    """Chainlit's `config.toml`."""
    from importlib.metadata import version

    sections: dict[str, dict[str, Any]] = {
        "project": {"session_timeout": 3600, "allow_origins": list(settings.origins), "user_env": []},
        "features": {
            "unsafe_allow_html": False,
            "assistant_message_autoscroll": False,  # a result is read from its top
            "latex": False,
            "user_message_markdown": False,
            "edit_message": False,
            "auto_tag_thread": False,
        },
        "features.spontaneous_file_upload": {
            "enabled": True,
            "max_files": settings.max_files,
            "max_size_mb": settings.max_megabytes,
        },
        "features.spontaneous_file_upload.accept": files.accepted(),
        "features.audio": {"enabled": False},
        "features.mcp": {"enabled": False},
        "UI": {
            "name": "diagrasp",
            "description": "Pictures of diagrams in, steps and any diagram format out",
            "layout": "wide",
            "cot": "hidden",
            "confirm_new_chat": False,
            "alert_style": "modern",
            "default_theme": "light",
            "custom_css": "/public/style.css",
            "custom_js": "/public/page.js",
            "custom_build": "frontend",
            "login_page_image": "/public/login.svg",
            "login_page_image_dark_filter": "brightness-75",
            "custom_meta_image_url": "/public/logo_light.svg",
            "custom_meta_url": "/",
        },
        "meta": {"generated_by": version("chainlit")},
    }
    lines = []
    for name, values in sections.items():
        lines.append(f"[{name}]")
        # JSON strings, numbers and lists of strings are TOML too
        lines += [f"{json.dumps(key)} = {json.dumps(value)}" for key, value in values.items()]
    return "\n".join(lines) + "\n"


def _listen(settings: ChatSettings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    if os.name == "posix":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen(128)  # bound before the folder is touched: it may belong to a chat that runs on this port
    except OSError:
        listener.close()
        raise
    return listener


def _secret(path: Path) -> str:
    """The key that signs sign-ins, made once; CHAINLIT_AUTH_SECRET of the environment comes first."""
    if given := os.environ.get("CHAINLIT_AUTH_SECRET"):
        return given
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48), encoding="ascii")
    return path.read_text(encoding="ascii")


def _merged(under: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Two trees of texts as one, the second on top."""
    result = dict(under)
    for key, value in over.items():
        below = result.get(key)
        result[key] = _merged(below, value) if isinstance(value, dict) and isinstance(below, dict) else value
    return result
