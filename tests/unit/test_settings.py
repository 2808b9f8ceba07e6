from __future__ import annotations

import os
from pathlib import Path

import pytest

from diagrasp.errors import ConfigurationError
from diagrasp.settings import Settings, variable, variables


def test_defaults() -> None:
    settings = Settings.load()
    assert (settings.engine, settings.max_pixels, settings.max_bytes) == ("auto", 64_000_000, 64_000_000)
    assert (settings.timeout, settings.host, settings.port) == (120.0, "127.0.0.1", 8000)
    assert settings.roots is None
    assert settings.token is None
    assert settings.plugins is True
    assert settings.vlm_model is None
    assert settings.db.name == "diagrasp.db"


@pytest.mark.parametrize(
    ("name", "text", "field", "value"),
    [
        ("DIAGRASP_TIMEOUT", "7", "timeout", 7.0),
        ("REQUEST_TIMEOUT", "8", "timeout", 8.0),
        ("DIAGRASP_DEVICE", "cuda:1", "device", "cuda:1"),
        ("DEVICE", "mps", "device", "mps"),
        ("TORCH_DTYPE", "bfloat16", "dtype", "bfloat16"),
        ("MAX_NEW_TOKENS", "12", "max_new_tokens", 12),
        ("DIAGRASP_MAX_PIXELS", "1000", "max_pixels", 1000),
        ("DIAGRASP_PLUGINS", "off", "plugins", False),
        ("DIAGRASP_LOG_LEVEL", "INFO", "log_level", "info"),
        ("DIAGRASP_ROOTS", f"/a{os.pathsep}/b", "roots", (Path("/a"), Path("/b"))),
        ("DIAGRASP_CORS_ORIGINS", "https://a.example, https://b.example", "cors_origins",
         ("https://a.example", "https://b.example")),
        ("DIAGRASP_DB", "~/d.db", "db", Path("~/d.db").expanduser()),
    ],
)  # fmt: skip
def test_environment(monkeypatch: pytest.MonkeyPatch, name: str, text: str, field: str, value: object) -> None:
    monkeypatch.setenv(name, text)
    assert getattr(Settings.load(), field) == value


def test_bare_names_of_fields_are_not_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TIMEOUT", "HOST", "PORT", "ENGINE", "TOKEN", "DTYPE"):
        monkeypatch.setenv(name, "9")
    settings = Settings.load()
    assert (settings.timeout, settings.host, settings.port, settings.engine) == (120.0, "127.0.0.1", 8000, "auto")
    assert (settings.token, settings.dtype) == (None, "auto")


def test_the_prefix_wins_over_the_alias_and_arguments_over_both(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUEST_TIMEOUT", "8")
    monkeypatch.setenv("DIAGRASP_TIMEOUT", "9")
    assert Settings.load().timeout == 9
    assert Settings.load(timeout=10).timeout == 10


def test_dotenv_and_empty_variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DIAGRASP_PORT=9001\nDEVICE=cpu\nSOMETHING_ELSE=1\n")
    monkeypatch.setenv("DIAGRASP_HOST", "")
    settings = Settings.load()
    assert (settings.port, settings.device, settings.host) == (9001, "cpu", "127.0.0.1")


def test_an_unusable_value_names_its_variable_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUEST_TIMEOUT", "soon")
    with pytest.raises(ConfigurationError, match=r"^DIAGRASP_TIMEOUT: .*number[^\n]*$"):
        Settings.load()


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIAGRASP_TOKEN", "hush-hush")
    monkeypatch.setenv("DIAGRASP_OPENAI_KEY", "hush-too")
    settings = Settings.load()
    assert "hush" not in repr(settings)
    assert "hush" not in settings.model_dump_json()
    assert settings.token is not None
    assert settings.token.get_secret_value() == "hush-hush"


def test_settings_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings.load().port = 1  # type: ignore[misc]


def test_the_adapter_is_found_where_it_is(tmp_path: Path) -> None:
    assert Settings.load().vlm_adapter is None
    folder = tmp_path / "weights" / "lora"
    folder.mkdir(parents=True)
    (folder / "adapter_config.json").write_text("{}")
    assert Settings.load().vlm_adapter == str(Path("weights/lora"))


def test_names_of_variables() -> None:
    found = variables()
    assert found["timeout"] == ("DIAGRASP_TIMEOUT", "REQUEST_TIMEOUT")
    assert found["db"] == ("DIAGRASP_DB",)
    assert variable("REQUEST_TIMEOUT") == "DIAGRASP_TIMEOUT"
    assert set(found) == set(Settings.model_fields)
    assert all(info.description for info in Settings.model_fields.values())
