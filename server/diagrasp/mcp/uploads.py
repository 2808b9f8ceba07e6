"""Pictures sent ahead over HTTP, so that a later call can name them by a short id.

A model cannot copy a picture's bytes into a tool's argument; its host can POST the file and give the model the id.
Uploads are files in one folder (replicas may share it), named by 128 random bits, deleted by age and total size.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from diagrasp.errors import InputError, NotFoundError, Overloaded

SCHEME = "upload://"
_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Upload:
    """What became of a file sent ahead: its id with the scheme, its size, and until when it is kept (Unix time)."""

    id: str
    size: int
    expires_at: float


@dataclass(frozen=True)
class Uploads:
    """A folder of uploads.

    Attributes:
        folder: made when first written to, readable by its owner only.
        max_total: the most bytes that all uploads may take together.
        lifetime: seconds that one is kept.
    """

    folder: Path
    max_total: int
    lifetime: float = 3600.0
    clock: Callable[[], float] = time.time

    def add(self, data: bytes) -> Upload:
        """Keep some bytes.  Blocks: call it in a thread.

        Raises:
            Overloaded: there is no room until older uploads expire.
            InputError: the folder cannot be written to.
        """
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            used, soonest = self.sweep()
            if used + len(data) > self.max_total:
                raise Overloaded("no room for another upload; try again later", retry_after=max(1.0, soonest))
            name = secrets.token_hex(16)
            partial = self.folder / f"{name}.part"
            partial.write_bytes(data)
            partial.rename(self.folder / name)
        except OSError as error:
            raise InputError(f"uploads cannot be kept: {error.strerror}") from None
        return Upload(f"{SCHEME}{name}", len(data), self.clock() + self.lifetime)

    def read(self, reference: str) -> bytes:
        """The bytes of an upload.  Blocks.  Raises NotFoundError (never was, or has expired)."""
        name = reference.removeprefix(SCHEME)
        path = self.folder / name
        try:
            if not _ID.fullmatch(name) or path.stat().st_mtime + self.lifetime < self.clock():
                raise FileNotFoundError
            return path.read_bytes()
        except OSError:
            raise NotFoundError(f"no upload {reference[:60]!r}, or it has expired; upload the file again") from None

    def sweep(self) -> tuple[int, float]:
        """Delete what has expired; returns the bytes that remain and the seconds until the next one expires.

        Files of other names are not ours, and stay.
        """
        now, used, soonest = self.clock(), 0, self.lifetime
        for path in self.folder.iterdir():
            if not _ID.fullmatch(path.name.removesuffix(".part")):
                continue
            try:
                status = path.stat()
                left = status.st_mtime + self.lifetime - now
                if left < 0:
                    path.unlink(missing_ok=True)
                else:
                    used, soonest = used + status.st_size, min(soonest, left)
            except FileNotFoundError:  # another replica swept it
                continue
        return used, soonest
