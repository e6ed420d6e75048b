"""Whom PostgreSQL runs as, because it refuses to run as root, and where that account can read and write."""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOM = Path("/var/lib/xietong")
NAME = "xietong"


@dataclass(frozen=True)
class UnixAccount:
    uid: int
    gid: int


def server_account() -> UnixAccount | None:
    """None for a plain user (the servers run as that user); for root a system account, made when missing."""
    if os.geteuid() != 0:
        return None
    found = _find(NAME)
    if found is None and shutil.which("useradd"):
        command = ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", NAME]
        subprocess.run(command, check=False, capture_output=True)
        found = _find(NAME)
    found = found or pwd.getpwnam("nobody")
    return UnixAccount(found.pw_uid, found.pw_gid)


def reachable(path: Path) -> bool:
    """True when every account can pass through all folders above `path`."""
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in path.resolve().parents)


def readable(path: Path) -> bool:
    return reachable(path) and bool(path.stat().st_mode & stat.S_IROTH)


def owned_folder(path: Path, account: UnixAccount | None) -> Path:
    """Make `path` a folder that `account` owns alone; under a closed folder (`/root`) a link to one outside it."""
    if account is None or reachable(path.parent / "any"):
        path.mkdir(mode=0o700, exist_ok=True)
    elif not path.is_symlink() or not path.exists():
        path.unlink(missing_ok=True)
        path.symlink_to(_room_for(path))
    if account:
        os.chown(path, account.uid, account.gid)
    return path.resolve()


def remove_owned_folder(path: Path) -> None:
    target = path.resolve()
    path.unlink() if path.is_symlink() else None
    shutil.rmtree(target, ignore_errors=True)
    target.with_suffix(".owner").unlink(missing_ok=True)


def _room_for(path: Path) -> Path:
    """An empty folder outside; those whose state folder was deleted by hand go at the same time."""
    ROOM.mkdir(mode=0o755, parents=True, exist_ok=True)
    for owner in ROOM.glob("*.owner"):
        if not Path(owner.read_text("utf-8")).is_symlink():
            shutil.rmtree(owner.with_suffix(""), ignore_errors=True)
            owner.unlink(missing_ok=True)
    folder = ROOM / hashlib.sha256(str(path).encode()).hexdigest()[:12]
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    folder.with_suffix(".owner").write_text(str(path), "utf-8")
    return folder


def _find(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None
