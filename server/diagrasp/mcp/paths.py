"""Which files a caller may name: regular files below the allowed roots, symlinks resolved first."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from diagrasp.errors import ForbiddenError, InputError, NotFoundError, TooLargeError

LONGEST = 4096


def default_roots() -> tuple[Path, ...]:
    """The roots of a server on stdio, which works for one user on their own machine: working directory and home."""
    found = [Path.cwd()]
    with contextlib.suppress(RuntimeError):  # no home: a service account
        found.append(Path.home())
    return tuple(found)


@dataclass(frozen=True)
class Roots:
    """The folders that files may be read from; none at all where `folders` is empty."""

    folders: tuple[Path, ...]

    @classmethod
    def of(cls, folders: Sequence[Path]) -> Roots:
        """Roots with their own symlinks resolved once."""
        return cls(tuple(folder.expanduser().resolve() for folder in folders))

    def locate(self, reference: str) -> Path:
        """The real path of a path or `file://` URI; relative paths are those of the first root.

        Raises:
            ForbiddenError: outside the roots (whether or not it exists), or there are none.
            InputError: no path of this machine.
        """
        if not self.folders:
            raise ForbiddenError(
                "this server reads no files of its own machine; send a data: URI or an upload, or set DIAGRASP_ROOTS"
            )
        text = _path_of_uri(reference) if reference.lower().startswith("file:") else reference
        # A leading double slash or backslash is a network share: resolving it would already speak to its server.
        if "\0" in text or len(text) > LONGEST or text.startswith(("//", "\\\\")):
            raise InputError("this is no path of a local file")
        try:
            path = Path(text).expanduser()
        except RuntimeError:
            raise InputError(f"{_short(text)}: no such user") from None
        try:
            real = (self.folders[0] / path).resolve()
        except (OSError, RuntimeError):  # a loop of symlinks
            raise NotFoundError(f"{_short(text)} cannot be resolved") from None
        if not any(real.is_relative_to(folder) for folder in self.folders):
            raise ForbiddenError(
                f"{_short(text)} lies outside the allowed folders ({', '.join(map(str, self.folders))}); "
                "DIAGRASP_ROOTS sets them"
            )
        return real

    def is_hidden(self, real: Path) -> bool:
        """Whether a path lies in, or is, something whose name starts with a dot, below its root."""
        parts = min((real.relative_to(f).parts for f in self.folders if real.is_relative_to(f)), key=len, default=())
        return any(part.startswith(".") for part in parts)

    def read(self, reference: str, max_bytes: int) -> tuple[bytes, Path]:
        """The bytes of an allowed file, and where it really lies.  Blocks: call it in a thread.

        Raises:
            ForbiddenError, NotFoundError, TooLargeError (checked before reading), InputError (unreadable, no file).
        """
        real = self.locate(reference)
        return read_regular(real, max_bytes, name=_short(reference)), real


def read_regular(path: Path, max_bytes: int, *, name: str = "") -> bytes:
    """The bytes of a regular file; devices, pipes and folders are refused without waiting on them.

    Raises:
        NotFoundError, TooLargeError, InputError.
    """
    name = name or path.name
    # The path was resolved: a symlink in its last place now is one that was put there since.
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        handle = os.open(path, flags)
    except (FileNotFoundError, NotADirectoryError):
        raise NotFoundError(f"{name}: no such file") from None
    except OSError as error:
        raise InputError(f"{name} cannot be read: {error.strerror}") from None
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise InputError(f"{name} is no regular file")
        if status.st_size > max_bytes:
            raise TooLargeError(f"{name} has {status.st_size} bytes, more than {max_bytes} (DIAGRASP_MAX_BYTES)")
        with os.fdopen(handle, "rb", closefd=False) as file:
            data = file.read(max_bytes + 1)
    except OSError as error:
        raise InputError(f"{name} cannot be read: {error.strerror}") from None
    finally:
        os.close(handle)
    if len(data) > max_bytes:
        raise TooLargeError(f"{name} has more than {max_bytes} bytes (DIAGRASP_MAX_BYTES)")
    return data


def _path_of_uri(uri: str) -> str:
    try:
        parts = urlsplit(uri)
    except ValueError:
        raise InputError("the file: URI is not well-formed") from None
    if parts.netloc not in ("", "localhost"):
        raise ForbiddenError("file: URIs of other machines are not read")
    path = unquote(parts.path)
    if os.name == "nt" and path[:1] == "/" and path[2:3] == ":":
        path = path[1:]
    return path


def _short(text: str) -> str:
    text = text.replace("\n", " ").replace("\r", " ")
    return text if len(text) <= 200 else f"{text[:199]}…"
