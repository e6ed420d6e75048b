"""Loopback ports of the stack: remembered in the state folder, replaced when somebody else holds them."""

from __future__ import annotations

import json
import socket
import threading
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.files import read_object, write_private

LOOPBACK = "127.0.0.1"
USUAL = {
    "postgres": 15432, "kafka": 19092, "controller": 19093, "web": 8080,
    "web_operations": 8081, "relay_operations": 8082, "worker_operations": 8083,
}  # fmt: skip
# PostgreSQL and Kafka are started side by side and write the same file.
ONE_CHOICE = threading.Lock()


@dataclass
class Ports:
    """`usual` offers the well-known numbers on the first start; without it (tests) the system chooses."""

    home: Path
    usual: bool = True
    changes: list[str] = field(default_factory=list)

    def of(self, name: str) -> int:
        """The remembered port, whether or not its server runs."""
        return int(self._known()[name])

    def free(self, name: str) -> int:
        """A port that can be bound now: the remembered one, else the usual one, else any; the choice is remembered."""
        with ONE_CHOICE:
            before = self._before(name)
            return self._remember(name, port=before if before and is_free(before) else any_free())

    def held(self, name: str) -> socket.socket:
        """The same port, already listening for whoever inherits it: nobody else can take it in between."""
        with ONE_CHOICE:
            try:
                made = listening(LOOPBACK, self._before(name))
            except OSError:
                made = listening(LOOPBACK, 0)
            self._remember(name, port=made.getsockname()[1])
        return made

    def _before(self, name: str) -> int:
        return int(self._known().get(name, USUAL[name] if self.usual else 0))

    def _remember(self, name: str, *, port: int) -> int:
        before = self._before(name)
        if port != before and before:
            self.changes.append(f"{name}: {before} 已被占用,改用 / is taken, now {port}")
        write_private(self._file, json.dumps({**self._known(), name: port}))
        return port

    @property
    def _file(self) -> Path:
        return self.home / "ports.json"

    def _known(self) -> dict[str, str]:
        return read_object(self._file)


def listening(host: str, port: int) -> socket.socket:
    """A socket bound there and listening; 0 is any port. Raises OSError when it is taken."""
    plain = host.strip("[]")
    return socket.create_server((plain, port), family=socket.AF_INET6 if ":" in plain else socket.AF_INET, backlog=1024)


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def any_free() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])
