"""The chat's settings, from the environment or a `.env` in the working directory."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit, urlunsplit

import platformdirs
from pydantic import AliasChoices, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

MEGABYTE = 1024 * 1024


class ChatSettings(BaseSettings):
    """What the chat can be told.

    `DIAGRASP_URL`, `DIAGRASP_TOKEN`, `DIAGRASP_MAX_BYTES` and `DIAGRASP_TIMEOUT` concern the server that it speaks to
    and are named as the server names them; the rest begin with `DIAGRASP_CHAT_`.
    """

    model_config = SettingsConfigDict(
        env_prefix="DIAGRASP_CHAT_", env_file=".env", extra="ignore", populate_by_name=True, env_ignore_empty=True
    )

    url: str = Field(
        default="http://127.0.0.1:8000",
        validation_alias=AliasChoices("DIAGRASP_URL", "url"),
        description="the diagrasp server, with or without /mcp",
    )
    token: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("DIAGRASP_TOKEN", "token"), description="the server's bearer token"
    )
    max_bytes: int = Field(
        default=64_000_000,
        gt=0,
        validation_alias=AliasChoices("DIAGRASP_MAX_BYTES", "max_bytes"),
        description="largest file taken, in bytes; the server has the same limit",
    )
    timeout: float = Field(
        default=120,
        gt=0,
        validation_alias=AliasChoices("DIAGRASP_TIMEOUT", "REQUEST_TIMEOUT", "timeout"),
        description="seconds to wait for the server's answer to one picture",
    )
    host: str = Field(default="127.0.0.1", description="address to listen on; another than loopback needs a password")
    port: int = Field(default=8001, ge=1, le=65535)
    data: Path = Field(
        default_factory=lambda: Path(platformdirs.user_data_dir("diagrasp-chat", appauthor=False)),
        description="folder for uploads of running sessions and the page's files",
    )
    user: str = Field(default="diagrasp", description="name to sign in with, where a password is set")
    password: SecretStr | None = Field(default=None, description="asks for it before anything else")
    origins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="further origins that may use the chat, e.g. https://chat.example.org, by commas"
    )
    max_files: int = Field(default=10, ge=1, le=50, description="files in one message")
    examples: Path | None = Field(default=None, description="folder with pictures to offer on the welcome page")

    @field_validator("origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return (
            tuple(part.strip().rstrip("/") for part in value.split(",") if part.strip())
            if isinstance(value, str)
            else value
        )

    @field_validator("url")
    @classmethod
    def _check_url(cls, value: str) -> str:
        parts = urlsplit(value.strip())
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{value!r} is no http(s) address")
        return value.strip()

    @property
    def mcp_url(self) -> str:
        """The address of the server's MCP endpoint."""
        parts = urlsplit(self.url)
        path = parts.path.rstrip("/")
        return urlunsplit((parts.scheme, parts.netloc, path if path.endswith("/mcp") else f"{path}/mcp", "", ""))

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the chat."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def root(self) -> Path:
        """The folder that Chainlit works in: one for each port, so that two chats do not clear each other's uploads."""
        return self.data / f"port-{self.port}"

    @property
    def max_megabytes(self) -> int:
        return max(1, -(-self.max_bytes // MEGABYTE))
