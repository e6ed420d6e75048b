"""The stack of one state folder: starts PostgreSQL and Kafka side by side and says where they are."""

from __future__ import annotations

import json
import os
import shutil
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local import account, brokers, files, kafka, postgres, roles
from deploy.local.errors import PortTakenError, StackError
from deploy.local.keys import ADMIN, KEY_ENCRYPTION_KEY, OWNER, WALL, kept_keys
from deploy.local.ports import LOOPBACK, Ports, listening
from deploy.local.processes import Part
from deploy.local.supervisor import Way

PLATFORM = ("web", "relay", "worker")
SUPERVISOR = "supervisor"
ATTEMPTS = 5
"""Starts of a server, each with another port, while somebody else is quicker to take the one we chose."""


@dataclass
class Stack:
    """`durable=False` is for tests: no fsync, any free ports, and an owner that may make databases."""

    home: Path
    durable: bool = True
    changes: list[str] = field(default_factory=list)
    holds_web: bool = False
    """Whether a start binds the address of the web process, to hand it on: it cannot be lost in between."""
    web_socket: socket.socket | None = None

    def start(self) -> dict[str, str]:
        """Start what does not run yet and return the platform's environment, also kept in `<home>/env.json`."""
        self.home = files.make_home(self.home)
        with files.only_one(self.home), ThreadPoolExecutor(2) as pool:
            kept_keys(self.home)
            for name in (*PLATFORM, "kafka"):
                part = Part(self.home, name)
                if part.pid() is None:
                    part.stop()
            database = pool.submit(self._database_url)
            servers = pool.submit(self._kafka_servers)
            environment = self._environment(database.result(), servers.result())
            files.write_private(self.home / "env.json", json.dumps(environment, indent=1))
        self.changes = self._ports.changes
        return environment

    def stop(self) -> list[str]:
        """Stop everything that runs, the platform's own processes first; returns the names of what ran."""
        if not self.home.exists():
            return []
        self.home = self.home.resolve()
        # First whoever would start the others again, and nobody starts anything meanwhile.
        with files.only_one(self.home, "starting"), files.only_one(self.home):
            ran = {SUPERVISOR: Part(self.home, SUPERVISOR).stop()}
            with ThreadPoolExecutor(len(PLATFORM)) as pool:
                ran |= zip(PLATFORM, pool.map(lambda name: Part(self.home, name).stop(), PLATFORM), strict=True)
                kafka_ran, postgres_ran = pool.map(lambda server: server.stop(), (self._kafka, self._postgres))
        return [name for name, was in {**ran, "kafka": kafka_ran, "postgres": postgres_ran}.items() if was]

    def remove(self) -> None:
        """Stop and delete the state folder with all data."""
        self.stop()
        account.remove_owned_folder(self.home / "postgres")
        shutil.rmtree(self.home, ignore_errors=True)

    def environment(self) -> dict[str, str]:
        """What the last start wrote; empty before the first."""
        return files.read_object(self.home / "env.json")

    def status(self) -> dict[str, bool]:
        """Which of PostgreSQL and Kafka answer, and which of the platform's processes live."""
        known, own_kafka = self.environment(), self._kafka.part.record.exists()
        return {
            "postgres": bool(known) and postgres.can_connect(known["XIETONG_DATABASE_URL"]),
            "kafka": bool(known)
            and (
                self._kafka.answers(self._ports.of("kafka")) if own_kafka else brokers.answers(known["XIETONG_KAFKA"])
            ),
            **{name: Part(self.home, name).pid() is not None for name in (*PLATFORM, SUPERVISOR)},
        }

    def started(self) -> list[Part]:
        """What was started and not stopped by us since."""
        parts = [Part(self.home, name) for name in ("postgres", "kafka", *PLATFORM, SUPERVISOR)]
        return [part for part in parts if part.record.exists()]

    def ended(self) -> list[str]:
        """What was started, not stopped by us, and yet lives no more."""
        return [part.name for part in self.started() if part.pid() is None]

    def operations(self, name: str) -> str:
        """Where operators ask one of the platform's processes; chosen anew when it does not run."""
        port, ports = f"{name}_operations", self._ports
        return f"{LOOPBACK}:{ports.of(port) if Part(self.home, name).pid() else ports.free(port)}"

    def ways(self) -> list[Way]:
        """Of the servers that are ours: how the supervisor starts them again, where they were."""
        database, broker, ports = self._postgres, self._kafka, self._ports
        made = [
            Way(
                database.part,
                lambda: database.launch(ports.of("postgres")),
                lambda: database.finish_stop(ports.of("postgres")),
            ),
            Way(broker.part, lambda: broker.launch(ports.of("kafka"), ports.of("controller"))),
        ]
        return [way for way in made if way.part.record.exists()]

    @property
    def admin_url(self) -> str:
        """The superuser of our own server, for tests that must look behind row-level security."""
        return self._postgres.url(self._ports.of("postgres"), roles.DATABASE)

    @property
    def _postgres(self) -> postgres.Postgres:
        return postgres.Postgres(self.home, kept_keys(self.home)[ADMIN], self.durable)

    @property
    def _kafka(self) -> kafka.Kafka:
        return kafka.Kafka(self.home)

    @property
    def _ports(self) -> Ports:
        return Ports(self.home, usual=self.durable, changes=self.changes)

    def _database_url(self) -> str:
        """The owner's URL, of the given server or of ours; either way the roles exist afterwards."""
        keys = kept_keys(self.home)
        url = os.environ.get("XIETONG_DATABASE_URL") or self._own_database(keys[OWNER])
        roles.ensure_roles(url, keys)
        return url

    def _own_database(self, password: str) -> str:
        server = self._postgres
        if server.part.pid() is None:
            _with_another_port_if_taken(lambda: server.start(self._ports.free("postgres")))
        else:
            # Perhaps its supervisor started it again a moment ago.
            server.comes_up(self._ports.of("postgres"))
        port = self._ports.of("postgres")
        roles.ensure_database(server.url(port), password, may_create_databases=not self.durable)
        return roles.role_url(server.url(port, roles.DATABASE), OWNER, password=password)

    def _kafka_servers(self) -> str:
        given = os.environ.get("XIETONG_KAFKA")
        if given:
            return given
        server = self._kafka
        if server.part.pid() is None:
            ports = self._ports
            _with_another_port_if_taken(lambda: server.start(ports.free("kafka"), ports.free("controller")))
        return f"{LOOPBACK}:{self._ports.of('kafka')}"

    def _environment(self, database: str, servers: str) -> dict[str, str]:
        keys = kept_keys(self.home)
        web = self._web_address()
        own = {
            "XIETONG_HOME": str(self.home),
            "XIETONG_DATABASE_URL": database,
            "XIETONG_KAFKA": servers,
            "XIETONG_CELL": "cell1",
            "XIETONG_KEY_ENCRYPTION_KEY": keys[KEY_ENCRYPTION_KEY],
            "XIETONG_WALL_TOKEN": keys[WALL],
            "XIETONG_WEB": web,
            "XIETONG_ISSUER": f"http://{web}",
            "XIETONG_AUDIENCE": "xietong-api",
            # The demonstration watches by asking all the time, and from one address.
            "XIETONG_REQUESTS_PER_MINUTE": "60000",
            "XIETONG_CLIENT_REQUESTS_PER_MINUTE": "60000",
            "XIETONG_FILES": str(self.home / "files"),
        }
        for role in ("app", "relay", "worker"):
            name = f"xietong_{role}"
            own[f"XIETONG_{role.upper()}_DATABASE_URL"] = roles.role_url(database, name, password=keys[name])
        return own | {name: os.environ[name] for name in own if os.environ.get(name) and name != "XIETONG_HOME"}

    def _web_address(self) -> str:
        given = os.environ.get("XIETONG_WEB")
        if Part(self.home, "web").pid() is not None or (given and not self.holds_web):
            return given or f"{LOOPBACK}:{self._ports.of('web')}"
        if not self.holds_web:
            return f"{LOOPBACK}:{self._ports.free('web')}"
        if given is None:
            self.web_socket = self._ports.held("web")
            return f"{LOOPBACK}:{self.web_socket.getsockname()[1]}"
        host, _, port = given.rpartition(":")
        try:
            self.web_socket = listening(host, int(port))
        except (OSError, ValueError) as error:
            raise StackError(
                f"XIETONG_WEB 所指的 {given} 无法使用:{error}。请换一个地址,或停止占用它的程序。",
                f"XIETONG_WEB names {given}, where nobody can listen now: choose another, or stop what holds it.",
            ) from error
        return given


def _with_another_port_if_taken(start: Callable[[], None]) -> None:
    for _attempt in range(ATTEMPTS - 1):
        try:
            return start()
        except PortTakenError:
            continue
    return start()
