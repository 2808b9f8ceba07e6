"""What callers may name: roots, symlinks, special files, data: URIs, uploads."""

from __future__ import annotations

import base64
import contextlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagrasp.errors import DiagraspError, ForbiddenError, InputError, NotFoundError, Overloaded, TooLargeError
from diagrasp.mcp.calls import inputs_for
from diagrasp.mcp.inputs import Inputs, decode_data_uri
from diagrasp.mcp.paths import Roots
from diagrasp.mcp.uploads import Uploads
from diagrasp.settings import Settings

pytestmark = pytest.mark.anyio


@pytest.fixture
def root(tmp_path: Path) -> Path:
    found = tmp_path / "root"
    found.mkdir()
    (found / "a.png").write_bytes(b"inside")
    (tmp_path / "outside.png").write_bytes(b"outside")
    return found


@pytest.fixture
def inputs(root: Path) -> Inputs:
    return Inputs(Roots.of([root]), max_bytes=1000)


async def test_reads_below_the_root(inputs: Inputs, root: Path) -> None:
    for reference in ("a.png", str(root / "a.png"), (root / "a.png").as_uri(), "./x/../a.png", " a.png\n"):
        found = await inputs.read(reference)
        assert (found.data, found.name, found.path) == (b"inside", "a.png", root / "a.png")


@pytest.mark.parametrize(
    "reference",
    [
        "../outside.png",
        "x/../../outside.png",
        "{tmp}/outside.png",
        "{tmp}/root/../outside.png",
        "file://{tmp}/outside.png",
        "file://{tmp}/root/%2e%2e/outside.png",
        "file://elsewhere/etc/passwd",
        "/etc/passwd",
        "/proc/self/environ",
        "{tmp}/root-of-another/a.png",
    ],
)
async def test_nothing_outside_the_root(inputs: Inputs, tmp_path: Path, reference: str) -> None:
    with pytest.raises(ForbiddenError):
        await inputs.read(reference.replace("{tmp}", str(tmp_path)))


async def test_outside_says_the_same_whether_or_not_it_is_there(inputs: Inputs, tmp_path: Path) -> None:
    said = []
    for name in ("outside.png", "missing.png"):
        with pytest.raises(ForbiddenError) as error:
            await inputs.read(str(tmp_path / name))
        said.append(str(error.value).replace(name, ""))
    assert said[0] == said[1]


async def test_symlinks_are_resolved_before_they_are_judged(inputs: Inputs, root: Path, tmp_path: Path) -> None:
    (root / "leads-out.png").symlink_to(tmp_path / "outside.png")
    (root / "folder").symlink_to(tmp_path)
    (root / "stays.png").symlink_to(root / "a.png")
    (root / "loop").symlink_to(root / "loop")
    with pytest.raises(ForbiddenError):
        await inputs.read("leads-out.png")
    with pytest.raises(ForbiddenError):
        await inputs.read("folder/outside.png")
    assert (await inputs.read("stays.png")).data == b"inside"
    with pytest.raises(InputError):
        await inputs.read("loop")


async def test_a_root_that_is_a_symlink_itself(root: Path, tmp_path: Path) -> None:
    (tmp_path / "alias").symlink_to(root)
    inputs = Inputs(Roots.of([tmp_path / "alias"]), max_bytes=1000)
    assert (await inputs.read(str(tmp_path / "alias" / "a.png"))).data == b"inside"


@pytest.mark.skipif(os.name == "nt", reason="pipes and devices as files are POSIX's")
async def test_pipes_and_folders_do_not_hang(inputs: Inputs, root: Path) -> None:
    os.mkfifo(root / "pipe.png")
    for name in ("pipe.png", "."):
        with pytest.raises(InputError, match="no regular file"):
            await inputs.read(name)


async def test_sizes_are_checked_before_reading(inputs: Inputs, root: Path) -> None:
    with (root / "big.png").open("wb") as file:
        file.truncate(10**12)  # sparse: reading it would take the machine's memory
    with pytest.raises(TooLargeError, match=r"big\.png has 1000000000000 bytes"):
        await inputs.read("big.png")


@pytest.mark.parametrize("reference", ["a\0.png", "x" * 5000, "//server/share/a.png", "\\\\server\\share\\a.png"])
async def test_what_is_no_local_path(inputs: Inputs, reference: str) -> None:
    with pytest.raises(InputError):
        await inputs.read(reference)


async def test_without_roots_no_file_is_read(root: Path) -> None:
    inputs = Inputs(Roots.of([]), max_bytes=1000)
    with pytest.raises(ForbiddenError, match="DIAGRASP_ROOTS"):
        await inputs.read(str(root / "a.png"))


def test_default_roots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    settings = Settings.load(_env_file=None)
    assert inputs_for(settings, local=True).roots.folders == (tmp_path, tmp_path / "home")
    assert inputs_for(settings, local=False).roots.folders == ()
    assert inputs_for(settings, local=True).fetcher is None
    listed = Settings.load(_env_file=None, roots=(tmp_path / "here",))
    for local in (True, False):
        assert inputs_for(listed, local=local).roots.folders == (tmp_path / "here",)


@pytest.mark.parametrize(
    ("uri", "data"),
    [
        ("data:image/png;base64,aGVsbG8=", b"hello"),
        ("data:image/png;base64,aGVsbG8", b"hello"),
        ("data:;base64,aGVs\r\nbG8=", b"hello"),
        ("DATA:image/png;charset=utf-8;BASE64,_-8=", b"\xff\xef"),
        ("data:image/png;base64,aGVsbG8%3D", b"hello"),
        ("data:text/plain,a%20b", b"a b"),
        ("data:,x", b"x"),
    ],
)
def test_data_uris(uri: str, data: bytes) -> None:
    assert decode_data_uri(uri, 1000) == data


@pytest.mark.parametrize(
    "uri", ["data:image/png;base64", "data:image/png;base64,", "data:image/png;base64,a", "data:a b,"]
)
def test_data_uris_that_are_none(uri: str) -> None:
    with pytest.raises(InputError):
        decode_data_uri(uri, 1000)


def test_data_uris_are_measured_before_they_are_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base64, "b64decode", lambda *_, **__: pytest.fail("decoded"))
    with pytest.raises(TooLargeError):
        decode_data_uri("data:image/png;base64," + "A" * 2000, 1000)


@given(st.binary(max_size=1100))
def test_the_limit_of_data_uris_is_exact(data: bytes) -> None:
    uri = "data:image/png;base64," + base64.encodebytes(data).decode()
    if len(data) > 1000:
        with pytest.raises(TooLargeError):
            decode_data_uri(uri, 1000)
    elif data:
        assert decode_data_uri(uri, 1000) == data


@given(st.text(max_size=200))
def test_any_text_at_all_raises_only_our_errors(text: str) -> None:
    with contextlib.suppress(DiagraspError):
        decode_data_uri(text, 100)
    with contextlib.suppress(DiagraspError):
        Roots.of([Path("/nonexistent-root")]).read(text, 100)


async def test_uploads(tmp_path: Path) -> None:
    now = [1000.0]
    uploads = Uploads(tmp_path / "uploads", max_total=100, lifetime=60, clock=lambda: now[0])
    kept = uploads.add(b"picture")
    os.utime(next((tmp_path / "uploads").iterdir()), (1000, 1000))
    assert (kept.size, kept.expires_at) == (7, 1060)
    (tmp_path / "uploads" / "thesis.doc").write_bytes(b"not ours")
    os.utime(tmp_path / "uploads" / "thesis.doc", (0, 0))
    assert (tmp_path / "uploads").stat().st_mode & 0o077 == 0
    inputs = Inputs(Roots.of([]), max_bytes=1000, uploads=uploads)
    assert (await inputs.read(kept.id)).data == b"picture"
    with pytest.raises(Overloaded):
        uploads.add(b"x" * 94)
    now[0] = 1061
    with pytest.raises(NotFoundError, match="expired"):
        await inputs.read(kept.id)
    uploads.add(b"x" * 94)
    assert len(list((tmp_path / "uploads").iterdir())) == 2
    assert (tmp_path / "uploads" / "thesis.doc").read_bytes() == b"not ours"


@pytest.mark.parametrize("id", ["../../etc/passwd", "", "0" * 31, "0" * 32, "0" * 32 + "/..", "A" * 32])
async def test_no_such_upload(tmp_path: Path, id: str) -> None:
    inputs = Inputs(Roots.of([]), max_bytes=1000, uploads=Uploads(tmp_path, max_total=100))
    with pytest.raises(NotFoundError):
        await inputs.read(f"upload://{id}")
