"""The SQLite file: cached results and the request log.

Nothing here may stop a recognition: a file that cannot be used is replaced by one in memory, with a warning, and a
write that fails is a warning too.  Every change is a single statement, so a crash at any moment leaves whole rows.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import sqlite3
import time
import zlib
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiosqlite
from pydantic import ValidationError

from diagrasp.errors import ConfigurationError
from diagrasp.model import Diagram
from diagrasp.settings import Settings

log = logging.getLogger(__name__)

PATIENCE = 10
"""Seconds to wait for another process that has the file."""
APPLICATION_ID = 0x44475250  # "DGRP": the file is ours
MIGRATIONS = (
    """
    CREATE TABLE results (
        id TEXT PRIMARY KEY, size INTEGER NOT NULL, created REAL NOT NULL, used REAL NOT NULL,
        checksum INTEGER NOT NULL, payload TEXT NOT NULL
    );
    CREATE INDEX results_used ON results (used);
    CREATE TABLE names (name TEXT PRIMARY KEY, id TEXT NOT NULL REFERENCES results ON DELETE CASCADE) WITHOUT ROWID;
    CREATE INDEX names_id ON names (id);
    CREATE TABLE requests (
        number INTEGER PRIMARY KEY, at REAL NOT NULL, door TEXT NOT NULL, task TEXT NOT NULL, engine TEXT NOT NULL,
        format TEXT NOT NULL, hash TEXT NOT NULL, size INTEGER NOT NULL, width INTEGER, height INTEGER,
        elapsed_ms REAL NOT NULL, cached INTEGER NOT NULL, status TEXT NOT NULL, error TEXT NOT NULL,
        result TEXT NOT NULL
    );
    CREATE INDEX requests_at ON requests (at);
    """,
)
_KEPT_UNSAVED = 64  # results held in memory where the file would not take them
_SWEEP_EVERY = 500  # log entries between two looks at their age


@dataclass(frozen=True, slots=True)
class Stored:
    """A recognition as it is kept: what the engine made, under an id that names it for good."""

    id: str
    diagram: Diagram
    confidence: float
    engine: str
    model: str = ""
    warnings: tuple[str, ...] = ()
    pages: int = 1

    def payload(self) -> str:
        record = {
            "diagram": self.diagram.model_dump(mode="json"),
            "confidence": self.confidence,
            "engine": self.engine,
            "model": self.model,
            "warnings": self.warnings,
            "pages": self.pages,
        }
        return json.dumps(record, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_payload(cls, id: str, text: str) -> Stored:
        """Raises ValueError (pydantic's included), KeyError, TypeError on anything but what `payload` made."""
        record = json.loads(text)
        return cls(
            id=id,
            diagram=Diagram.model_validate(record["diagram"]),
            confidence=float(record["confidence"]),
            engine=str(record["engine"]),
            model=str(record["model"]),
            warnings=tuple(str(warning) for warning in record["warnings"]),
            pages=int(record["pages"]),
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the request log: sizes, hashes and timings, never contents or names of files."""

    door: str
    task: str
    engine: str = ""
    format: str = ""
    hash: str = ""
    size: int = 0
    width: int | None = None
    height: int | None = None
    elapsed_ms: float = 0.0
    cached: bool = False
    status: str = "ok"
    error: str = ""
    result: str = ""
    at: float = field(default_factory=time.time)


class Store:
    """Cache and request log.  Make one with `Store.open`.

    Attributes:
        warning: why results are not kept on disk; empty where they are.
    """

    def __init__(self, connection: aiosqlite.Connection, settings: Settings, warning: str = "") -> None:
        self._connection = connection
        self._settings = settings
        self._unsaved: OrderedDict[str, Stored] = OrderedDict()
        self._bytes = 0
        self._logged = 0
        self.warning = warning

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: Settings) -> AsyncIterator[Store]:
        """The store of `settings.db`, or one in memory, with `warning` set, where that file cannot be used."""
        warning = ""
        try:
            connection = await _connect(settings.db)
        except (OSError, sqlite3.Error, ConfigurationError) as error:
            warning = f"results are not kept: {settings.db}: {error} (set DIAGRASP_DB to a file that can be written)"
            log.info("%s", warning)
            connection = await _connect(None)
        try:
            store = cls(connection, settings, warning)
            await store._sweep()
            yield store
        finally:
            await connection.close()

    async def find(self, name: str) -> Stored | None:
        """The result cached under a name; a row that is damaged is dropped and counts as none."""
        row = await self._one("SELECT id FROM names WHERE name = ?", (name,))
        return None if row is None else await self.result(row[0])

    async def result(self, id: str) -> Stored | None:
        """The result of that id."""
        if (unsaved := self._unsaved.get(id)) is not None:
            return unsaved
        row = await self._one("SELECT payload, checksum FROM results WHERE id = ?", (id,))
        if row is None:
            return None
        try:
            if zlib.crc32(row[0].encode()) != row[1]:
                raise ValueError("wrong checksum")
            found = Stored.from_payload(id, row[0])
        except (ValueError, KeyError, TypeError, AttributeError, ValidationError) as error:
            log.warning("cached result %s is damaged and dropped: %s", id, error)
            await self._try("DELETE FROM results WHERE id = ?", (id,))
            return None
        await self._try("UPDATE results SET used = ? WHERE id = ?", (time.time(), id))
        return found

    async def save(self, result: Stored, names: Sequence[str]) -> str:
        """Keep a result under names.  Returns a warning, empty where all went well."""
        text = result.payload()
        size = len(text.encode())
        now = time.time()
        problem = await self._try(
            "INSERT INTO results (id, size, created, used, checksum, payload) VALUES (?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET size = excluded.size, created = excluded.created, used = excluded.used, "
            "checksum = excluded.checksum, payload = excluded.payload",
            (result.id, size, now, now, zlib.crc32(text.encode()), text),
        )
        if problem:
            self._unsaved[result.id] = result
            while len(self._unsaved) > _KEPT_UNSAVED:
                self._unsaved.popitem(last=False)
            return f"the result could not be cached: {problem}"
        self._unsaved.pop(result.id, None)
        self._bytes += size
        await self.name(result.id, names)
        if self._bytes > self._settings.cache_bytes:
            await self._evict(keep=result.id)
        return ""

    async def name(self, id: str, names: Sequence[str]) -> None:
        """Find a result that is kept under further names."""
        for name in names:
            await self._try(
                "INSERT INTO names (name, id) SELECT ?, id FROM results WHERE id = ? "
                "ON CONFLICT (name) DO UPDATE SET id = excluded.id",
                (name, id),
            )

    async def record(self, entry: Entry) -> None:
        """Add a line to the request log."""
        values = {name: getattr(entry, name) for name in Entry.__slots__}
        await self._try(
            f"INSERT INTO requests ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})",  # noqa: S608
            tuple(values.values()),
        )
        self._logged += 1
        if self._logged % _SWEEP_EVERY == 0:
            await self._sweep()

    async def recent(self, limit: int) -> list[dict[str, Any]]:
        """The latest lines of the request log, newest first."""
        return await self._all("SELECT * FROM requests ORDER BY number DESC LIMIT ?", (max(0, limit),))

    async def figures(self) -> dict[str, Any]:
        """Counts of the request log by task, engine and status, how long answers took, what the cache holds."""
        groups = await self._all(
            "SELECT task, engine, status, cached, COUNT(*) AS count FROM requests GROUP BY task, engine, status, cached"
        )
        times = await self._all(
            "SELECT elapsed_ms FROM requests WHERE task = 'recognize' AND status = 'ok' AND cached = 0 "
            "ORDER BY number DESC LIMIT 1000"
        )
        cache = await self._one("SELECT COUNT(*), COALESCE(SUM(size), 0) FROM results")
        since = await self._one("SELECT MIN(at) FROM requests")
        return {
            "groups": groups,
            "times": sorted(row["elapsed_ms"] for row in times),
            "results": cache[0] if cache else 0,
            "bytes": cache[1] if cache else 0,
            "since": since[0] if since else None,
        }

    async def clear(self) -> int:
        """Drop every cached result (the request log stays) and give the space back.  Returns how many there were.

        Raises:
            ConfigurationError: the file cannot be written.
        """
        self._unsaved.clear()
        count = await self._one("SELECT COUNT(*) FROM results")
        for statement in ("DELETE FROM results", "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
            if problem := await self._try(statement):
                raise ConfigurationError(f"the cache {self._settings.db} cannot be cleared: {problem}")
        self._bytes = 0
        return int(count[0]) if count else 0

    async def backup(self, target: Path) -> None:
        """Copy the whole file while it is in use, by SQLite's online backup; the copy appears whole or not at all.

        Raises:
            ConfigurationError: there is nothing on disk to copy, or the target cannot be written.
        """
        if self.warning:
            raise ConfigurationError(f"there is no cache to back up: {self.warning}")
        part = target.with_name(f".{target.name}.part")
        try:
            part.unlink(missing_ok=True)
            async with aiosqlite.connect(part) as copy:
                await self._connection.backup(copy)
            part.replace(target)
        except (OSError, sqlite3.Error) as error:
            raise ConfigurationError(f"cannot write the backup {target}: {error}") from None
        finally:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)

    async def _sweep(self) -> None:
        """Forget log entries past their age, and count what the cache holds."""
        oldest = time.time() - self._settings.retention_days * 86400
        await self._try("DELETE FROM requests WHERE at < ?", (oldest,))
        row = await self._one("SELECT COALESCE(SUM(size), 0) FROM results")
        self._bytes = int(row[0]) if row else 0
        if self._bytes > self._settings.cache_bytes:
            await self._evict()

    async def _evict(self, keep: str = "") -> None:
        """Drop the least recently used results until the cache is nine tenths full, so that this happens seldom."""
        await self._try(
            "DELETE FROM results WHERE id <> ? AND id IN (SELECT id FROM ("
            "SELECT id, SUM(size) OVER (ORDER BY used DESC, rowid DESC) AS total FROM results) WHERE total > ?)",
            (keep, self._settings.cache_bytes * 9 // 10),
        )
        row = await self._one("SELECT COALESCE(SUM(size), 0) FROM results")
        self._bytes = int(row[0]) if row else 0

    async def _try(self, statement: str, values: Sequence[Any] = ()) -> str:
        """Change something.  Returns what went wrong, empty for nothing."""
        try:
            async with self._connection.execute(statement, values):
                return ""
        except sqlite3.Error as error:
            log.info("%s: %s", self._settings.db, error)
            return str(error)

    async def _one(self, statement: str, values: Sequence[Any] = ()) -> tuple[Any, ...] | None:
        try:
            async with self._connection.execute(statement, values) as cursor:
                row = await cursor.fetchone()
        except sqlite3.Error as error:
            log.info("%s: %s", self._settings.db, error)
            return None
        return None if row is None else tuple(row)

    async def _all(self, statement: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
        try:
            async with self._connection.execute(statement, values) as cursor:
                names = [column[0] for column in cursor.description]
                return [dict(zip(names, row, strict=True)) for row in await cursor.fetchall()]
        except sqlite3.Error as error:
            log.info("%s: %s", self._settings.db, error)
            return []


async def _connect(path: Path | None) -> aiosqlite.Connection:
    """Open the file (None: in memory), made and migrated as needed.

    Raises:
        OSError, sqlite3.Error, ConfigurationError: it cannot be written, is damaged, or is not ours.
    """
    if path is not None:
        await asyncio.to_thread(path.parent.mkdir, parents=True, exist_ok=True)
    give_up = time.monotonic() + PATIENCE
    while True:
        connection = await aiosqlite.connect(
            ":memory:" if path is None else path, timeout=PATIENCE, isolation_level=None
        )
        try:
            await _prepare(connection)
        except BaseException as error:
            await connection.close()
            # Where two processes make the file at once, SQLite refuses the switch to WAL without waiting.
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            if code not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) or time.monotonic() > give_up:
                raise
            await asyncio.sleep(0.05)
        else:
            return connection


async def _prepare(connection: aiosqlite.Connection) -> None:
    await connection.execute("PRAGMA foreign_keys = ON")
    tables = await _scalar(connection, "SELECT COUNT(*) FROM sqlite_master")  # first: both come in one transaction
    owner, version = await _number(connection, "application_id"), await _number(connection, "user_version")
    if tables and owner != APPLICATION_ID:
        raise ConfigurationError("this is another program's database")
    if version > len(MIGRATIONS):
        raise ConfigurationError(f"its version {version} is newer than this program's {len(MIGRATIONS)}")
    await connection.execute("PRAGMA journal_mode = WAL")
    await connection.execute("PRAGMA synchronous = NORMAL")
    await connection.execute("BEGIN IMMEDIATE")  # fails here where the file cannot be written
    try:  # another process may have migrated it meanwhile: look again inside the transaction
        for number in range(await _number(connection, "user_version"), len(MIGRATIONS)):
            for statement in MIGRATIONS[number].split(";"):
                await connection.execute(statement)
            await connection.execute(f"PRAGMA user_version = {number + 1}")
        await connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        await connection.execute("COMMIT")
    except BaseException:
        await connection.execute("ROLLBACK")
        raise


async def _number(connection: aiosqlite.Connection, pragma: str) -> int:
    return await _scalar(connection, f"PRAGMA {pragma}")


async def _scalar(connection: aiosqlite.Connection, statement: str) -> int:
    async with connection.execute(statement) as cursor:
        row = await cursor.fetchone()
    return int(row[0]) if row is not None else 0
