"""Settings: one object, built once from the environment and `.env`, passed down to everything."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import platformdirs
from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from diagrasp.errors import ConfigurationError

PREFIX = "DIAGRASP_"
MEGA = 1_000_000


def _default_db() -> Path:
    return platformdirs.user_cache_path("diagrasp") / "diagrasp.db"


def _default_adapter() -> str | None:
    folder = Path("weights/lora")
    return str(folder) if (folder / "adapter_config.json").is_file() else None


def _names(name: str, *others: str) -> AliasChoices:
    """The variable with the prefix first, then the names it also goes by."""
    return AliasChoices(f"{PREFIX}{name.upper()}", *others)


class Settings(BaseSettings):
    """What can be set, each by the variable `DIAGRASP_` + the name in capitals (aliases where noted).

    Values come from arguments, then the environment, then a file `.env` in the working directory, then defaults.
    An empty variable counts as absent.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        populate_by_name=True,
        hide_input_in_errors=True,
        protected_namespaces=(),
    )

    # What is read
    engine: str = Field("auto", description="The engine used where the caller names none")
    max_pixels: int = Field(64 * MEGA, gt=0, description="Largest picture, in pixels; checked before decoding")
    max_bytes: int = Field(64 * MEGA, gt=0, description="Largest file, in bytes")
    timeout: float = Field(
        120.0,
        gt=0,
        validation_alias=_names("timeout", "REQUEST_TIMEOUT"),
        description="Seconds that one recognition may take",
    )
    min_confidence: float = Field(
        0.6, ge=0, le=1, description="Below it `auto` asks the configured vision model, and answers carry a warning"
    )
    auto_seconds: float = Field(
        20.0,
        ge=0,
        description="Seconds that the vision model on this machine may take for a picture, by its speed so far, for "
        "`auto` to ask it; 0 for any",
    )
    plugins: bool = Field(True, description="Whether formats and engines of other distributions are loaded")

    # How much at a time
    workers: int = Field(
        default_factory=lambda: min(4, os.cpu_count() or 1), gt=0, description="Recognitions at a time"
    )
    queue: int = Field(32, ge=0, description="Recognitions waiting for a worker before more are refused")

    # The store
    db: Path = Field(default_factory=_default_db, description="SQLite file of the cache and the request log")
    cache_bytes: int = Field(256 * MEGA, ge=0, description="Size of cached results; the least recently used go first")
    retention_days: float = Field(30.0, ge=0, description="Age at which entries of the request log are deleted")

    # The doors
    host: str = Field("127.0.0.1", description="Address to listen on; any but loopback demands a token")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on")
    roots: Annotated[tuple[Path, ...] | None, NoDecode] = Field(
        None,
        description=f"Folders that paths may lie in, separated by {os.pathsep!r}; unset: working directory and home "
        "over stdio, none over HTTP",
    )
    token: SecretStr | None = Field(None, description="Bearer token that HTTP demands")
    tokens_file: Path | None = Field(None, description="File of accepted bearer tokens, one a line")
    allow_urls: bool = Field(False, description="Whether pictures may be fetched from https URLs")
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Host headers accepted beside the loopback names, separated by commas"
    )
    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Origins that browsers may call from, separated by commas; none by default"
    )
    rate_limit: int = Field(600, ge=0, description="Requests a client may make in a minute; 0 for no limit")
    sessions: bool = Field(
        False,
        description="Whether MCP clients of protocols before 2026-07-28 get sessions over HTTP: they may then cancel "
        "by notification and be asked in return (sampling), but must always reach the same server",
    )

    # Vision models
    vlm_model: str | None = Field(None, description="Folder or Hub name of the Qwen3-VL model; set: `auto` may use it")
    vlm_adapter: str | None = Field(
        default_factory=_default_adapter,
        description="Folder or Hub name of a LoRA; default weights/lora if it is there. Several are separated by "
        "commas, each with a name (`a=FOLDER,b=FOLDER`): `--option adapter=b` chooses",
    )
    vlm_merge: bool = Field(False, description="Whether the adapter is merged into the model when that is loaded")
    vlm_idle: float = Field(
        0.0, ge=0, description="Seconds without a request after which the vision model is unloaded; 0 for never"
    )
    device: str = Field(
        "auto", validation_alias=_names("device", "DEVICE"), description="auto, cpu, cuda, cuda:N or mps"
    )
    dtype: str = Field(
        "auto", validation_alias=_names("dtype", "TORCH_DTYPE"), description="auto, float32, bfloat16 or float16"
    )
    max_new_tokens: int = Field(
        4096,
        gt=0,
        validation_alias=_names("max_new_tokens", "MAX_NEW_TOKENS"),
        description="Longest answer of a vision model, in tokens; less than 96 counts as 96",
    )
    quantization: Literal["none", "int8", "int4"] = Field("none", description="none, int8 or int4")
    openai_url: str | None = Field(None, description="Base URL of an OpenAI-compatible server")
    openai_key: SecretStr | None = Field(None, description="Its key")
    openai_model: str | None = Field(None, description="Its model")

    log_level: Literal["debug", "info", "warning", "error"] = Field("warning", description="Least level logged")

    @field_validator("roots", mode="before")
    @classmethod
    def _split_roots(cls, value: Any) -> Any:
        return [part for part in value.split(os.pathsep) if part] if isinstance(value, str) else value

    @field_validator("allowed_hosts", "cors_origins", mode="before")
    @classmethod
    def _split_commas(cls, value: Any) -> Any:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("log_level", "quantization", mode="before")
    @classmethod
    def _lower(cls, value: Any) -> Any:
        return value.strip().lower() if isinstance(value, str) else value

    @field_validator("db", "tokens_file")
    @classmethod
    def _expand(cls, value: Path | None) -> Path | None:
        return None if value is None else value.expanduser()

    @classmethod
    def load(cls, **values: Any) -> Self:
        """The settings of this environment, `values` first.

        Raises:
            ConfigurationError: a value is not usable; the message names the variable, never a secret.
        """
        try:
            return cls(**values)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            name = variable(str(first["loc"][0])) if first["loc"] else "the settings"
            raise ConfigurationError(f"{name}: {first['msg']}") from None


def variable(name: str) -> str:
    """The environment variable of a setting, however it was named."""
    for field, info in Settings.model_fields.items():
        alias = info.validation_alias
        if name == field or (isinstance(alias, AliasChoices) and name in alias.choices):
            return f"{PREFIX}{field.upper()}"
    return name


def variables() -> Mapping[str, tuple[str, ...]]:
    """Every setting's variables, the one with the prefix first."""
    found: dict[str, tuple[str, ...]] = {}
    for field, info in Settings.model_fields.items():
        others = info.validation_alias.choices[1:] if isinstance(info.validation_alias, AliasChoices) else []
        found[field] = (f"{PREFIX}{field.upper()}", *(str(name) for name in others))
    return found
