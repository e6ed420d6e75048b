"""The store: a content is there in full or not at all, whoever is killed in between, on any file system."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from shared.core.settings import Settings
from shared.files.store import CHUNK, Store
from tests.builders.race import wait_until

CONTENT = bytes(range(256)) * 4096 * 3
HASH = hashlib.sha256(CONTENT).hexdigest()
COPIER = """
import sys, time
from shared.core.settings import Settings
from shared.files import store
from uuid import UUID
class Slow(store.Store):
    def stage(self, chunks):
        def slowly():
            for chunk in chunks:
                yield chunk
                print(len(chunk), flush=True)
                time.sleep(0.2)
        return super().stage(slowly())
class Given:
    files = sys.argv[1]
print(Slow(Given).copy(UUID(sys.argv[2]), UUID(sys.argv[3]), sha256=sys.argv[4], size=int(sys.argv[5])), flush=True)
"""


@pytest.fixture(params=["folder", "memory"])
def store(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path) -> Store:
    """A folder renames; in `memory`, as in S3, to move is to copy and delete."""
    place = str(tmp_path / "文件 files") if request.param == "folder" else f"memory://{uuid4().hex}"
    return Store(replace(settings, files=place))


@pytest.fixture
def folder(settings: Settings, tmp_path: Path) -> Store:
    return Store(replace(settings, files=str(tmp_path)))


def pieces(content: bytes = CONTENT) -> Iterator[bytes]:
    return (content[at : at + CHUNK] for at in range(0, len(content), CHUNK))


def aside(store: Store) -> list[str]:
    there: bool = store.system.exists(f"{store.root}/incoming")
    return list(store.system.ls(f"{store.root}/incoming", detail=False)) if there else []


def test_a_content_is_kept_under_its_hash_and_read_back(store: Store) -> None:
    tenant, staged = uuid4(), store.stage(pieces())
    assert (staged.sha256, staged.size) == (HASH, len(CONTENT))
    assert not store.holds(tenant, HASH, size=len(CONTENT))
    store.keep(staged, tenant)
    with store.open(tenant, HASH) as opened:
        assert opened.read() == CONTENT
    assert (store.holds(tenant, HASH, size=len(CONTENT)), aside(store)) == (True, [])
    store.discard(staged)
    assert store.holds(tenant, HASH, size=len(CONTENT))


def test_what_breaks_off_leaves_nothing(store: Store) -> None:
    def broken() -> Iterator[bytes]:
        yield CONTENT[:CHUNK]
        raise ConnectionError("gone")

    with pytest.raises(ConnectionError):
        store.stage(broken())
    assert aside(store) == []


def test_a_half_content_is_not_held_and_is_healed_by_keeping_or_copying_it(store: Store) -> None:
    source, target = uuid4(), uuid4()
    store.keep(store.stage(pieces()), source)
    store.system.pipe_file(store.path(target, HASH), CONTENT[:1000])
    assert not store.holds(target, HASH, size=len(CONTENT))
    assert store.copy(source, target, sha256=HASH, size=len(CONTENT))
    assert store.system.cat_file(store.path(target, HASH)) == CONTENT
    store.system.pipe_file(store.path(source, HASH), CONTENT[:1000])
    store.keep(store.stage(pieces()), source)
    assert store.holds(source, HASH, size=len(CONTENT))


def test_what_is_not_what_it_is_called_is_not_copied(store: Store) -> None:
    source, target = uuid4(), uuid4()
    store.system.pipe_file(store.path(source, HASH), bytes(len(CONTENT)))
    assert not store.copy(source, target, sha256=HASH, size=len(CONTENT))
    assert (store.system.exists(store.path(target, HASH)), aside(store)) == (False, [])


def test_a_content_that_the_source_lacks_is_not_copied(store: Store) -> None:
    third, target = uuid4(), uuid4()
    store.keep(store.stage(pieces()), third)
    assert not store.copy(uuid4(), target, sha256=HASH, size=len(CONTENT))


def test_what_was_left_aside_is_swept_once_it_is_old(store: Store) -> None:
    store.stage(pieces())
    assert store.sweep(datetime.now(UTC) - timedelta(days=1)) == 0
    assert store.sweep(datetime.now(UTC) + timedelta(minutes=1)) == 1
    assert (aside(store), store.sweep(datetime.now(UTC))) == ([], 0)


def test_a_process_killed_while_it_copies_leaves_no_half_content(folder: Store, tmp_path: Path) -> None:
    source, target = uuid4(), uuid4()
    folder.keep(folder.stage(pieces()), source)
    arguments = [str(tmp_path), str(source), str(target), HASH, str(len(CONTENT))]
    with subprocess.Popen([sys.executable, "-c", COPIER, *arguments], stdout=subprocess.PIPE, text=True) as copier:
        assert copier.stdout is not None
        # It has written some of it, and not all.
        assert [int(copier.stdout.readline()) for _chunk in range(3)] == [CHUNK] * 3
        os.kill(copier.pid, signal.SIGKILL)
        assert copier.wait(10) == -signal.SIGKILL
    assert not (tmp_path / str(target) / HASH).exists()
    assert len(aside(folder)) == 1
    assert folder.copy(source, target, sha256=HASH, size=len(CONTENT))
    assert (tmp_path / str(target) / HASH).read_bytes() == CONTENT
    assert folder.sweep(datetime.now(UTC) + timedelta(minutes=1)) == 1


def test_two_that_copy_the_same_at_once_do_not_disturb_each_other(folder: Store, tmp_path: Path) -> None:
    source, target = uuid4(), uuid4()
    folder.keep(folder.stage(pieces()), source)
    arguments = [sys.executable, "-c", COPIER, str(tmp_path), str(source), str(target), HASH, str(len(CONTENT))]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        other.stdout.readline()
        assert folder.copy(source, target, sha256=HASH, size=len(CONTENT))
        assert (tmp_path / str(target) / HASH).read_bytes() == CONTENT
        assert other.communicate(timeout=20)[0].splitlines()[-1] == "True"
    assert (tmp_path / str(target) / HASH).read_bytes() == CONTENT
    assert wait_until(lambda: aside(folder) == [], seconds=1)
