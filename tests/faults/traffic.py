"""What a backlog breeds: heads, receipts and resyncs per entry, and how fast it drains, with and without a stop.

Run it on a stack that is up: `XIETONG_HOME=… python -m tests.faults.traffic [entries] [seconds of the stop]`. Sichuan
writes joint parks with Chongqing; what lies in the topics afterwards is counted by kind.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections import Counter
from uuid import UUID

import psycopg
from kafka import KafkaConsumer, TopicPartition

from deploy.local.processes import Part
from deploy.local.stack import Stack
from events.envelope import KINDS
from services import registry
from shared.core.context import Context
from shared.core.settings import Settings, state_folder
from shared.journal.session import Database
from tests.builders.parks import bare_park

EACH = 50
"""Parks per transaction."""
LONGEST = 300.0
BEHIND = """SELECT (SELECT count(*) FROM shared.outbox)
    + (SELECT count(*) FROM unnest(%(parks)s::uuid[]) AS park WHERE NOT EXISTS (
        SELECT FROM shared.receipts WHERE tenant_id = %(home)s AND aggregate_id = park AND party_id = %(party)s))"""


class Topics:
    """What comes into the topics of the parks from now on."""

    def __init__(self, settings: Settings) -> None:
        self.consumer = KafkaConsumer(**settings.kafka.connection(), enable_auto_commit=False)
        names = [f"{settings.cell}.parks.{kind}" for kind in ("events", "commands")]
        parts = [TopicPartition(name, part) for name in names for part in range(settings.kafka.partitions)]
        self.consumer.assign(parts)
        self.consumer.seek_to_end(*parts)
        for part in parts:
            self.consumer.position(part)

    def counted(self) -> Counter[str]:
        """Messages by kind."""
        found: Counter[str] = Counter()
        while batch := self.consumer.poll(timeout_ms=2000):
            for records in batch.values():
                for record in records:
                    data = json.loads(record.value)["data"]
                    found[next(kind for kind in KINDS if kind in data)] += 1
        return found


def write(database: Database, home: UUID, party: UUID, *, entries: int) -> list[UUID]:
    """So many parks, and the keys of them all."""
    made: list[UUID] = []
    while len(made) < entries:
        with database.session(Context(tenant_id=home, actor_id="backlog")) as session:
            made += [bare_park(session, [party]).id for _ in range(EACH)]
    return made


def drained(stack: Stack, parks: list[UUID], *, home: UUID, party: UUID) -> bool:
    """Wait until all is sent, applied by the party and confirmed to home."""
    until, asked = time.monotonic() + LONGEST, {"parks": parks, "home": home, "party": party}
    with psycopg.connect(stack.admin_url, autocommit=True) as connection:
        while time.monotonic() < until:
            if connection.execute(BEHIND, asked).fetchone() == (0,):
                return True
            time.sleep(0.2)
    return False


def main(entries: int, seconds: float) -> int:
    """Once without a stop, once with one; prints what each bred."""
    stack = Stack(state_folder())
    settings = Settings.load()
    registry.load()
    database = Database(settings, "app")
    worker = Part(stack.home, "worker").pid() or sys.exit("no worker runs")
    with database.cell_session() as session:
        home, party = (database.directory.named(session, code).id for code in ("sichuan", "chongqing"))  # type: ignore[union-attr]
    for pause in (0.0, seconds):
        topics, began = Topics(settings), time.monotonic()
        if pause:
            os.kill(worker, signal.SIGSTOP)
        parks = write(database, home, party, entries=entries)
        wrote = time.monotonic() - began
        time.sleep(max(pause - wrote, 0))
        os.kill(worker, signal.SIGCONT)
        resumed = time.monotonic() if pause else began
        done = drained(stack, parks, home=home, party=party)
        took = time.monotonic() - resumed
        time.sleep(5)
        found = topics.counted()
        per_entry = {kind: round(found[kind] / entries, 3) for kind in ("entry", "head", "receipt", "resync")}
        drain = f"{took:.1f} s, {entries / took:.0f}/s" if done else "not drained"
        print(f"stop {pause:.0f} s: written in {wrote:.1f} s, drained in {drain}; per entry {per_entry}", flush=True)
    database.close()
    return 0


if __name__ == "__main__":
    given = [*sys.argv[1:], *("5000", "60")[len(sys.argv) - 1 :]]
    sys.exit(main(int(given[0]), float(given[1])))
