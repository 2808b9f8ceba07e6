from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from diagrasp.errors import ConfigurationError
from diagrasp.model import Diagram, Group, Node
from diagrasp.settings import Settings
from diagrasp.store import APPLICATION_ID, MIGRATIONS, Entry, Store, Stored

pytestmark = pytest.mark.anyio
Make = Callable[..., Settings]


def result(id: str, label: str = "Шаг", **values: object) -> Stored:
    diagram = Diagram(
        kind="bpmn", nodes=(Node(id="n", label=label, group="g", box=(1, 2, 3.5, 4)),), groups=(Group(id="g"),)
    )
    return Stored(id=id, diagram=diagram, confidence=0.75, engine="embedded", **values)  # type: ignore[arg-type]


def leftovers(folder: Path) -> list[Path]:
    return list(folder.glob(".*.part"))


def size_of(path: Path) -> int:
    return path.stat().st_size


async def test_a_result_comes_back_as_it_was(settings: Make) -> None:
    kept = result("one", model="net 3", warnings=("careful",), pages=4)
    async with Store.open(settings()) as store:
        assert await store.find("file") is None
        assert await store.save(kept, ["file", "pixels"]) == ""
        assert await store.find("file") == kept
        assert await store.find("pixels") == kept
        assert store.warning == ""
    async with Store.open(settings()) as store:
        assert await store.result("one") == kept


async def test_saving_again_replaces(settings: Make) -> None:
    async with Store.open(settings()) as store:
        await store.save(result("one", "old"), ["a"])
        await store.save(result("one", "new"), ["a", "b"])
        await store.save(result("two", "third"), ["b"])
        assert (await store.find("a")).diagram.nodes[0].label == "new"  # type: ignore[union-attr]
        assert (await store.find("b")).id == "two"  # type: ignore[union-attr]
        assert (await store.figures())["results"] == 2


async def test_a_name_for_nothing_is_not_kept(settings: Make) -> None:
    async with Store.open(settings()) as store:
        await store.name("absent", ["x"])
        assert await store.find("x") is None


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE results SET payload = replace(payload, 'Шаг', 'Шар')",
        "UPDATE results SET payload = substr(payload, 1, 50)",
        "UPDATE results SET payload = x'00ff', checksum = 3523407757",
        "UPDATE results SET payload = '', checksum = 0",
        "UPDATE results SET payload = '[]', checksum = 223132457",
    ],
)
async def test_a_damaged_row_is_a_miss_and_goes(settings: Make, damage: str) -> None:
    made = settings()
    async with Store.open(made) as store:
        await store.save(result("one"), ["a"])
        await store.save(result("two"), ["b"])
    with sqlite3.connect(made.db) as raw:
        raw.execute(f"{damage} WHERE id = 'one'")
    raw.close()
    async with Store.open(made) as store:
        assert await store.find("a") is None
        assert await store.find("b") == result("two")
        assert (await store.figures())["results"] == 1


async def test_the_least_recently_used_go_first(settings: Make) -> None:
    size = len(result("00", "x" * 1000).payload())
    async with Store.open(settings(cache_bytes=10 * size)) as store:
        for i in range(10):
            await store.save(result(f"{i:02}", "x" * 1000), [f"name {i}"])
        assert await store.result("00") is not None  # used now, so it outlives 01
        await store.save(result("10", "x" * 1000), ["name 10"])
        figures = await store.figures()
        assert figures["bytes"] <= 10 * size
        assert await store.find("name 0") is not None
        assert await store.find("name 1") is None
        assert await store.find("name 10") is not None
    async with Store.open(settings(cache_bytes=2 * size)) as store:  # a smaller limit holds from the start
        assert (await store.figures())["bytes"] <= 2 * size


async def test_a_result_larger_than_the_whole_cache_is_still_there_at_once(settings: Make) -> None:
    async with Store.open(settings(cache_bytes=10)) as store:
        await store.save(result("big"), ["a"])
        assert await store.find("a") is not None


async def test_the_log_and_its_retention(settings: Make) -> None:
    now = time.time()
    async with Store.open(settings(retention_days=2)) as store:
        await store.record(Entry("cli", "recognize", at=now - 3 * 86400, hash="old"))
        await store.record(Entry("mcp", "recognize", "embedded", "json", "h", 9, 3, 4, 12.5, True, result="r", at=now))
        assert [row["hash"] for row in await store.recent(10)] == ["h", "old"]
    async with Store.open(settings(retention_days=2)) as store:
        (row,) = await store.recent(10)
        assert row["hash"] == "h"
        assert (row["door"], row["width"], row["elapsed_ms"], row["cached"], row["status"]) == ("mcp", 3, 12.5, 1, "ok")
        for i in range(5):
            await store.record(Entry("cli", "convert", hash=str(i)))
        assert [row["hash"] for row in await store.recent(2)] == ["4", "3"]
        assert await store.recent(0) == []


async def test_old_entries_go_while_a_server_runs(settings: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("diagrasp.store._SWEEP_EVERY", 10)
    async with Store.open(settings(retention_days=1)) as store:
        for _ in range(9):
            await store.record(Entry("cli", "recognize", at=time.time() - 2 * 86400))
        assert len(await store.recent(100)) == 9
        await store.record(Entry("cli", "recognize"))
        assert len(await store.recent(100)) == 1


async def test_clear(settings: Make) -> None:
    made = settings()
    async with Store.open(made) as store:
        for i in range(50):
            await store.save(result(str(i), "x" * 10000), [str(i)])
        await store.record(Entry("cli", "recognize"))
        full = size_of(made.db) + size_of(Path(f"{made.db}-wal"))
        assert await store.clear() == 50
        assert await store.find("3") is None
        assert len(await store.recent(5)) == 1
    assert size_of(made.db) < full / 5


async def test_backup_while_in_use(settings: Make, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    target.write_text("an older copy")
    async with Store.open(settings()) as store:
        await store.save(result("one"), ["a"])
        await store.backup(target)
        await store.save(result("two"), ["b"])
    async with Store.open(settings(db=target)) as copy:
        assert copy.warning == ""
        assert await copy.find("a") == result("one")
        assert await copy.find("b") is None
    assert not leftovers(tmp_path)


async def test_backup_where_it_cannot_be(settings: Make, closed_folder: Path) -> None:
    async with Store.open(settings()) as store:
        with pytest.raises(ConfigurationError, match="cannot write the backup"):
            await store.backup(closed_folder / "copy.db")
    async with Store.open(settings(db=closed_folder / "x.db")) as store:
        with pytest.raises(ConfigurationError, match="no cache to back up"):
            await store.backup(closed_folder.parent.parent / "copy.db")


async def test_a_folder_that_cannot_be_made(settings: Make, closed_folder: Path) -> None:
    async with Store.open(settings(db=closed_folder / "cache.db")) as store:
        assert store.warning.startswith("results are not kept: ")
        assert "DIAGRASP_DB" in store.warning
        await store.save(result("one"), ["a"])
        assert await store.find("a") == result("one")  # as long as the process lives


async def test_a_file_that_is_no_database_is_left_alone(settings: Make, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("my notes\n" * 1000)
    async with Store.open(settings(db=path)) as store:
        assert "not a database" in store.warning
        assert await store.save(result("one"), ["a"]) == ""
    assert path.read_text() == "my notes\n" * 1000


async def test_another_programs_database_is_left_alone(settings: Make, tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as raw:
        raw.execute("CREATE TABLE theirs (x)")
    raw.close()
    before = path.read_bytes()
    async with Store.open(settings(db=path)) as store:
        assert "another program's" in store.warning
    assert path.read_bytes() == before


async def test_a_newer_version_is_left_alone(settings: Make) -> None:
    made = settings()
    async with Store.open(made) as store:
        await store.save(result("one"), ["a"])
    with sqlite3.connect(made.db) as raw:
        raw.execute("PRAGMA user_version = 99")
    raw.close()
    async with Store.open(made) as store:
        assert "version 99 is newer" in store.warning
        assert await store.find("a") is None


async def test_migrations_run_once_and_in_order(settings: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    made = settings()
    async with Store.open(made) as store:
        await store.save(result("one"), ["a"])
    monkeypatch.setattr(
        "diagrasp.store.MIGRATIONS", (*MIGRATIONS, "CREATE TABLE further (x); INSERT INTO further VALUES (7)")
    )
    for _ in range(2):
        async with Store.open(made) as store:
            assert store.warning == ""
            assert await store.find("a") == result("one")
    raw = sqlite3.connect(made.db)
    assert raw.execute("SELECT x FROM further").fetchall() == [(7,)]
    assert raw.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS) + 1,)
    assert raw.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
    assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    raw.close()


async def test_a_migration_that_fails_leaves_all_as_it_was(settings: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    made = settings()
    async with Store.open(made) as store:
        await store.save(result("one"), ["a"])
    with sqlite3.connect(made.db) as raw:
        raw.execute("CREATE TABLE taken (x)")
    raw.close()
    with monkeypatch.context() as patch:
        patch.setattr("diagrasp.store.MIGRATIONS", (*MIGRATIONS, "CREATE TABLE half (x); CREATE TABLE taken (x)"))
        async with Store.open(made) as store:
            assert "already exists" in store.warning
    async with Store.open(made) as store:
        assert store.warning == ""
        assert await store.find("a") == result("one")
    raw = sqlite3.connect(made.db)
    assert raw.execute("SELECT COUNT(*) FROM sqlite_master WHERE name = 'half'").fetchone() == (0,)
    raw.close()


async def test_a_full_disk_costs_a_warning_only(settings: Make) -> None:
    async with Store.open(settings()) as store:
        await store.save(result("one"), ["a"])
        await store._connection.execute("PRAGMA max_page_count = 1")  # SQLite then answers as on a full disk
        warning = await store.save(result("two", "y" * 100_000), ["b"])
        assert warning == "the result could not be cached: database or disk is full"
        assert await store.result("two") == result("two", "y" * 100_000)  # from memory
        assert await store.find("a") == result("one")


async def test_a_file_that_turns_read_only_costs_a_warning_only(settings: Make) -> None:
    async with Store.open(settings()) as store:
        await store.save(result("one"), ["a"])
        await store._connection.execute("PRAGMA query_only = 1")
        assert "readonly" in await store.save(result("two"), ["b"])
        await store.record(Entry("cli", "recognize"))
        assert await store.find("a") == result("one")
        with pytest.raises(ConfigurationError, match="cannot be cleared"):
            await store.clear()


async def test_two_stores_on_one_file(settings: Make) -> None:
    made = settings()
    async with Store.open(made) as one, Store.open(made) as two:
        await asyncio.gather(
            *(one.save(result(f"a{i}"), [f"a{i}"]) for i in range(50)),
            *(two.save(result(f"b{i}"), [f"b{i}"]) for i in range(50)),
        )
        assert (await one.figures())["results"] == 100
        assert await one.find("b7") == result("b7")


_OPENER = """
import asyncio, sys, time
from pathlib import Path
from diagrasp.settings import Settings
from diagrasp.store import Store

async def main():
    while time.time() < float(sys.argv[2]):
        pass
    async with Store.open(Settings(db=Path(sys.argv[1]))) as store:
        print(store.warning)

asyncio.run(main())
"""


def open_at_once(db: Path, count: int) -> list[str]:
    """What so many processes say that open a file, new to all of them, in the same moment."""
    command = [sys.executable, "-c", _OPENER, str(db), str(time.time() + 3)]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=db.parent) for _ in range(count)]
    return [process.communicate()[0].strip() for process in started]


async def test_many_processes_open_a_new_file_at_once(tmp_path: Path) -> None:
    for round in range(2):
        assert open_at_once(tmp_path / f"{round}.db", 6) == [""] * 6


_WRITER = """
import asyncio, sys
from pathlib import Path
from diagrasp.model import Diagram, Node
from diagrasp.settings import Settings
from diagrasp.store import Entry, Store, Stored

async def main():
    async with Store.open(Settings(db=Path(sys.argv[1]))) as store:
        i = 0
        while True:
            diagram = Diagram(nodes=(Node(id="n", label=str(i) * 2000),))
            await store.save(Stored(f"r{i}", diagram, 1.0, "embedded"), [f"file {i}", f"pixels {i}"])
            await store.record(Entry("cli", "recognize", hash=str(i)))
            print(i, flush=True)
            i += 1

asyncio.run(main())
"""


def write_until(db: Path, count: int) -> int:
    """Let another process write, kill it after `count` results.  Returns the last that it said was kept."""
    command = [sys.executable, "-c", _WRITER, str(db)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=db.parent)
    assert process.stdout is not None
    last = -1
    for line in process.stdout:
        last = int(line)
        if last >= count:
            break
    os.kill(process.pid, signal.SIGKILL)
    process.stdout.close()
    process.wait()
    return last


async def test_killed_in_mid_write(settings: Make) -> None:
    """Whatever was said to be kept is there and whole after kill -9, and the file is sound."""
    made = settings()
    for round in range(3):
        last = write_until(made.db, 40 + 13 * round)
        assert last >= 40
        async with Store.open(made) as store:
            assert store.warning == ""
            for i in (0, last // 2, last):
                found = await store.find(f"pixels {i}")
                assert found is not None
                assert found.diagram.nodes[0].label == str(i) * 2000
            await store.clear()
        raw = sqlite3.connect(made.db)
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        raw.close()
