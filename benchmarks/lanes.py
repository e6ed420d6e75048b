"""The two ways from a commit at one side to a row at the other: plain code, and the platform."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol
from uuid import UUID

import psycopg
from kafka.admin import KafkaAdminClient, NewTopic
from sqlalchemy import event, func, select

from benchmarks import floor
from benchmarks.stage import CARRIERS, Stage, wait_until
from events.parks import ParkDrafted, ParkRevised
from services.parks.models import Park
from shared.core.context import Context
from shared.core.settings import Settings
from shared.journal.progress import ProgressRow
from shared.journal.session import Database, Session

THINGS = 500
"""Over which a burst is spread."""
WARM = 10


class Written(NamedTuple):
    """A change that is committed: of what, at which version, and when (by the clock of `time.perf_counter`)."""

    thing: str
    version: int
    at: float


class Lane(Protocol):
    """A way from one side's commit to the other side's row."""

    stage: Stage

    @property
    def parts(self) -> Mapping[str, Sequence[str]]:
        """Its own processes by name."""

    def change(self, number: int) -> Written:
        """Commit one change."""

    def visible(self, written: Written) -> bool:
        """Whether the other side shows it."""

    def fill(self, size: int) -> Callable[[], float]:
        """Write a burst that nobody sees yet; what is returned commits it and says when that was done."""

    def missing(self) -> int:
        """How many things of the burst the other side does not show at their last version."""


def until_visible(lane: Lane, written: Written) -> float:
    """Milliseconds from the commit until the other side shows it, looked at a thousand times a second."""
    while not lane.visible(written):
        if time.perf_counter() - written.at > 60:
            raise TimeoutError(f"{written.thing} version {written.version} did not arrive in 60 s")
        time.sleep(0.001)
    return (time.perf_counter() - written.at) * 1000


def warm(lane: Lane) -> None:
    """Once its processes run: until changes go through."""
    for number in range(-2 * WARM, 0):
        until_visible(lane, lane.change(number))


@dataclass
class FloorLane:
    """Plain psycopg; each message has `size` bytes."""

    stage: Stage
    size: int
    bursts: int = 0
    burst: tuple[list[str], int] = field(default_factory=lambda: ([], 0))
    versions: dict[str, int] = field(default_factory=dict)
    parts = {"relay": ("benchmarks.floor", "relay"), "worker": ("benchmarks.floor", "worker")}

    def __post_init__(self) -> None:
        url = self.stage.environment["XIETONG_DATABASE_URL"]
        self.connection = psycopg.connect(url, autocommit=True)
        self.connection.execute(floor.SETUP)
        partitions = self.stage.settings.kafka.partitions
        admin = KafkaAdminClient(bootstrap_servers=self.stage.environment["XIETONG_KAFKA"])
        missing = {floor.TOPIC, floor.SECOND} - set(admin.list_topics())
        if missing:
            admin.create_topics([NewTopic(name, num_partitions=partitions, replication_factor=1) for name in missing])
        admin.close()

    def change(self, number: int, *, hops: int = 1) -> Written:
        thing = f"thing-{number % WARM}-{hops}"
        self.versions[thing] = version = self.versions.get(thing, 0) + 1
        with self.connection.transaction():
            self._write([thing], version, hops=hops)
        committed = time.perf_counter()
        return Written(thing if hops == 1 else f"{thing}-answer", version, committed)

    def _write(self, things: Sequence[str], version: int, *, hops: int = 1) -> None:
        value = (b"%08d%d" % (version, hops)).ljust(self.size, b"x")
        given = [[floor.TOPIC] * len(things), list(things), [value] * len(things)]
        self.connection.execute(floor.WRITE, given)
        self.connection.execute("NOTIFY floor")

    def visible(self, written: Written) -> bool:
        query = "SELECT true FROM floor.replica WHERE id = %s AND version >= %s"
        return bool(self.stage.one(query, written.thing, written.version))

    def fill(self, size: int) -> Callable[[], float]:
        self.bursts += 1
        things, versions = [f"burst-{self.bursts}-{number}" for number in range(THINGS)], size // THINGS
        self.burst = things, versions
        self.connection.autocommit = False
        for version in range(1, versions + 1):
            self._write(things, version)

        def release() -> float:
            self.connection.commit()
            at = time.perf_counter()
            self.connection.autocommit = True
            return at

        return release

    def missing(self) -> int:
        query = "SELECT count(*) FROM floor.replica WHERE id = ANY(%s) AND version = %s"
        return THINGS - int(self.stage.one(query, *self.burst))


class Parks:
    """Parks of one home in which others take part, written as services write: locked, changed, published."""

    def __init__(self, settings: Settings, home: UUID, parties: Sequence[UUID]) -> None:
        self.app = Database(settings, "app")
        self.home, self.parties = home, list(parties)

    def close(self) -> None:
        self.app.close()

    def session(self) -> Any:
        """Of the home."""
        return self.app.session(Context(tenant_id=self.home, actor_id="benchmark"))

    def draft(self, session: Session, count: int) -> list[Park]:
        """So many new ones, with one statement per table."""
        parks = []
        for _number in range(count):
            park = session.create(
                Park, parties=[self.home, *self.parties], name_zh="性能", name_en=None, park_kind="joint",
                state="draft", location=None, area_km2=None, sectors=[], starts_on=None, ends_on=None,
                consents={"resume": [], "dissolve": []}, current_agreement=None, next_revision=1, reason_digest=None,
            )  # fmt: skip
            park.parties = [{"tenant": str(tenant), "role": "host"} for tenant in park.party_ids]
            parks.append(park)
        session.publish_all([(park, ParkDrafted(name_zh="性能", kind="joint")) for park in parks])
        return parks

    def revise(self, session: Session, parks: Sequence[Park], number: int) -> None:
        """The next version of each, with one statement per table."""
        for park in parks:
            park.sectors = [f"变化{number}"]
        session.publish_all([(park, ParkRevised(changes={"sectors": park.sectors})) for park in parks])

    def fill(self, session: Session, size: int, *, things: int = THINGS) -> list[UUID]:
        """So many events of so many new parks, each version of all of them in turn; returns the parks."""
        parks = self.draft(session, things)
        for number in range(size // things - 1):
            self.revise(session, parks, number)
        return [park.id for park in parks]

    def applied(self, parks: Sequence[UUID]) -> int:
        """How many events of these the first party has applied, as it sees them itself."""
        with self.app.session(Context(tenant_id=self.parties[0], actor_id="benchmark")) as session:
            applied = select(func.sum(ProgressRow.version)).where(ProgressRow.aggregate_id.in_(parks))
            return int(session.scalar(applied) or 0)


@dataclass
class PlatformLane:
    """The whole machine: row-level security, signatures, journals at home and party, receipts."""

    stage: Stage
    home: UUID
    parties: Sequence[UUID]
    burst: tuple[list[UUID], int] = field(default_factory=lambda: ([], 0))
    parts = CARRIERS

    def __post_init__(self) -> None:
        self.parks = Parks(self.stage.settings, self.home, self.parties)
        with self.parks.session() as session:
            self.warm = [park.id for park in self.parks.draft(session, WARM)]

    def change(self, number: int) -> Written:
        key, at = self.warm[number % WARM], list[float]()
        with self.parks.session() as session:
            event.listen(session, "after_commit", lambda _session: at.append(time.perf_counter()))
            park = session.locked(Park, key)
            park.sectors = [f"变化{number}"]
            session.publish(park, ParkRevised(changes={"sectors": park.sectors}))
        return Written(str(key), park.version, at[-1])

    def visible(self, written: Written) -> bool:
        query = "SELECT count(*) FROM parks.parks WHERE tenant_id = ANY(%s) AND id = %s AND version >= %s"
        return bool(self.stage.one(query, list(self.parties), written.thing, written.version) == len(self.parties))

    def fill(self, size: int) -> Callable[[], float]:
        block, at = ExitStack(), list[float]()
        session = block.enter_context(self.parks.session())
        event.listen(session, "after_commit", lambda _session: at.append(time.perf_counter()))
        self.burst = self.parks.fill(session, size), size // THINGS

        def release() -> float:
            block.close()
            return at[-1]

        return release

    def missing(self) -> int:
        query = "SELECT count(*) FROM parks.parks WHERE tenant_id = ANY(%s) AND id = ANY(%s) AND version = %s"
        return THINGS * len(self.parties) - int(self.stage.one(query, list(self.parties), *self.burst))

    def message_size(self) -> int:
        """Bytes of the message that carries a revision; relay and worker must rest."""
        self.change(0)
        newest = "SELECT octet_length(value) FROM shared.outbox WHERE key = %s ORDER BY id DESC LIMIT 1"
        return int(self.stage.one(newest, self.warm[0]))


def platform_lane(stage: Stage, *, parties: int = 1) -> PlatformLane:
    """With tenants of its own, at work and settled; its processes rest again."""
    with stage.running():
        home, *others = stage.tenants("home", *["party"] * parties)
        stage.settle()
    return PlatformLane(stage, home, others)


def wait_for_burst(lane: Lane, *, longest: float = 600.0) -> float:
    """Until its last version is everywhere; returns when that was."""
    wait_until(lambda: lane.missing() == 0, every=0.02, longest=longest)
    return time.perf_counter()
