"""One procedure for both lanes: first single changes and how soon each is visible, then a burst and its rate."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID, uuid4

import psycopg
from sqlalchemy import func, select

from deploy.bootstrap import ensure_platform_key
from events.parks import ParkDrafted, ParkRevised
from services.identity.commands.bootstrap import ensure_platform
from services.parks.models import Park
from services.registry import load
from services.tenants.commands import create_tenant
from shared.core.context import PLATFORM, Context
from shared.core.settings import Settings
from shared.journal.progress import ProgressRow
from shared.journal.session import Database
from shared.keys.keyring import SigningKey

CHANGES = 200
BURST = 5000
LANES = 500
"""Things the burst is spread over, so ten versions each."""


@dataclass(frozen=True)
class Figures:
    """Milliseconds from commit to visible at the other side, and events per second in a burst."""

    p50: float
    p99: float
    rate: float


class Lane(Protocol):
    """A way from one side's commit to the other side's row."""

    def prepare(self) -> None:
        """Once the processes run."""

    def change(self, number: int) -> tuple[str, int]:
        """Commit one change; returns which thing is now at which version."""

    def visible(self, thing: str, version: int) -> bool:
        """Whether the other side shows that version."""

    def fill(self) -> None:
        """Commit the burst while no process runs."""

    def applied(self) -> int:
        """How many events of the burst the other side has applied."""


Starting = Callable[[], list[AbstractContextManager[None]]]


def measure(lane: Lane, start: Starting) -> Figures:
    """Run both parts; the rate counts from the first applied event of the burst to the last."""
    with ExitStack() as processes:
        for process in start():
            processes.enter_context(process)
        lane.prepare()
        times = sorted(_one(lane, number) for number in range(CHANGES))
    lane.fill()
    with ExitStack() as processes:
        for process in start():
            processes.enter_context(process)
        rate = _burst(lane)
    return Figures(statistics.median(times), times[int(CHANGES * 0.99) - 1], rate)


def _one(lane: Lane, number: int) -> float:
    thing, version = lane.change(number)
    committed = time.perf_counter()
    while not lane.visible(thing, version):
        if time.perf_counter() - committed > 30:
            raise TimeoutError(f"{thing} version {version} did not arrive in 30 s")
        time.sleep(0.0005)
    return (time.perf_counter() - committed) * 1000


def _burst(lane: Lane) -> float:
    started = time.perf_counter()
    first: tuple[float, int] | None = None
    while (count := lane.applied()) < BURST:
        if count and first is None:
            first = time.perf_counter(), count
        if time.perf_counter() - started > 300:
            raise TimeoutError(f"only {count} of {BURST} arrived")
        time.sleep(0.01)
    began, already = first or (started, 0)
    return (BURST - already) / (time.perf_counter() - began)


@dataclass
class FloorLane:
    """Plain psycopg."""

    url: str
    _connection: psycopg.Connection | None = None

    @property
    def connection(self) -> psycopg.Connection:
        if self._connection is None:
            self._connection = psycopg.connect(self.url, autocommit=True)
        return self._connection

    def prepare(self) -> None:
        self.change(-1)
        while not self.visible("warm", 0):
            time.sleep(0.05)

    def change(self, number: int) -> tuple[str, int]:
        thing = "warm" if number < 0 else f"thing-{number % 10}"
        self._write([(thing, max(number, 0))])
        return thing, max(number, 0)

    def _write(self, changes: list[tuple[str, int]]) -> None:
        padding = b"x" * 1500
        with self.connection.transaction(), self.connection.cursor() as cursor:
            rows = [(thing, b"%08d" % version + padding) for thing, version in changes]
            cursor.executemany("INSERT INTO floor.outbox (key, value) VALUES (%s, %s)", rows)
            cursor.execute("NOTIFY floor")

    def visible(self, thing: str, version: int) -> bool:
        query = "SELECT 1 FROM floor.replica WHERE id = %s AND version >= %s"
        return self.connection.execute(query, (thing, version)).fetchone() is not None

    def fill(self) -> None:
        for start in range(0, BURST, 50):
            self._write([(f"burst-{n % LANES}", n // LANES + 1) for n in range(start, start + 50)])

    def applied(self) -> int:
        row = self.connection.execute("SELECT sum(version) FROM floor.replica WHERE id LIKE 'burst-%'").fetchone()
        return int(row[0] or 0) if row else 0


@dataclass
class PlatformLane:
    """The whole machine: row-level security, signatures, journals at home and party, receipts."""

    settings: Settings
    parks: list[UUID] = field(default_factory=list)

    def __post_init__(self) -> None:
        load()
        self.app = Database(self.settings, "app")
        ensure_platform_key(self.app)
        with self.app.session(self.context(PLATFORM)) as session:
            ensure_platform(session)

    def close(self) -> None:
        self.app.close()

    def context(self, tenant: UUID) -> Context:
        return Context(tenant_id=tenant, actor_id="benchmark")

    def prepare(self) -> None:
        self.home, self.party = self._tenant("home"), self._tenant("party")
        self._draft(10)

    def _tenant(self, name: str) -> UUID:
        named = {"name_zh": name, "name_en": name, "division_codes": ["510000"], "members": []}
        with self.app.session(self.context(PLATFORM)) as session:
            key = create_tenant(session, code=f"{name}-{uuid4().hex[:6]}", tenant_kind="province", **named).id
        for _try in range(600):
            with self.app.session(self.context(key)) as session:
                if session.scalar(select(func.count()).where(SigningKey.active_at.is_not(None))):
                    return key
            time.sleep(0.05)
        raise TimeoutError("the tenant's key was not enrolled in 30 s")

    def _draft(self, count: int) -> None:
        with self.app.session(self.context(self.home)) as session:
            for _number in range(count):
                park = session.create(
                    Park, parties=[self.home, self.party], name_zh="性能", name_en=None, park_kind="joint",
                    state="draft", location=None, area_km2=None, sectors=[], starts_on=None, ends_on=None,
                    consents={"resume": [], "dissolve": []}, current_agreement=None, next_revision=1,
                    reason_digest=None,
                )  # fmt: skip
                park.parties = [{"tenant": str(tenant), "role": "host"} for tenant in park.party_ids]
                session.publish(park, ParkDrafted(name_zh="性能", kind="joint"))
                self.parks.append(park.id)

    def change(self, number: int) -> tuple[str, int]:
        key = self.parks[number % 10]
        with self.app.session(self.context(self.home)) as session:
            park = session.locked(Park, key)
            park.sectors = [f"变化{number}"]
            session.publish(park, ParkRevised(changes={"sectors": park.sectors}))
        return str(key), park.version

    def visible(self, thing: str, version: int) -> bool:
        with self.app.session(self.context(self.party)) as session:
            found = session.scalar(select(Park.version).where(Park.id == UUID(thing)))
        return found is not None and found >= version

    def fill(self) -> None:
        self.parks.clear()
        for _batch in range(LANES // 50):
            self._draft(50)
        for number in range(BURST // LANES - 1):
            for start in range(0, LANES, 50):
                self._revise(self.parks[start : start + 50], number)

    def _revise(self, keys: list[UUID], number: int) -> None:
        with self.app.session(self.context(self.home)) as session:
            for key in sorted(keys):
                park = session.locked(Park, key)
                park.sectors = [f"变化{number}"]
                session.publish(park, ParkRevised(changes={"sectors": park.sectors}))

    def applied(self) -> int:
        with self.app.session(self.context(self.party)) as session:
            burst = ProgressRow.aggregate_id.in_(self.parks)
            return int(session.scalar(select(func.sum(ProgressRow.version)).where(burst)) or 0)
