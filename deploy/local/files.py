"""Files of the state folder: written whole and for our eyes only, and the lock that keeps two starts apart."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.errors import StackError

LEAST_FREE = 500 * 1024 * 1024


def make_home(home: Path) -> Path:
    """The state folder. Root lets others pass through it (not look into it): there another account runs PostgreSQL."""
    if not home.exists():
        home.mkdir(parents=True)
        home.chmod(0o711 if os.geteuid() == 0 else 0o700)
    for room in ("run", "logs", "files"):
        (home / room).mkdir(exist_ok=True, mode=0o700)
    if shutil.disk_usage(home).free < LEAST_FREE:
        raise StackError(
            f"{home} 所在磁盘可用空间不足 500 MB。请清理磁盘,或将 XIETONG_HOME 指向其他磁盘后重试。",
            f"Less than 500 MB are free on the disk of {home}: make room, or set XIETONG_HOME to another disk.",
        )
    return home.resolve()


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step; nobody but the owner reads it, a crash leaves the old or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def read_object(path: Path) -> dict[str, str]:
    """A JSON object of strings, empty while the file does not exist."""
    return dict(json.loads(path.read_text("utf-8"))) if path.exists() else {}


@contextmanager
def only_one(home: Path, name: str = "lock") -> Iterator[None]:
    """Hold one of the state folder's locks; a second start or stop waits here until the first is through."""
    with (home / name).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.stderr.write(f"等待另一个启动或停止 / Waiting for another start or stop: {home}\n")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
