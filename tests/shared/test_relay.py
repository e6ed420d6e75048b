"""The relay under contention: 16 writers, ids that commit out of order, keys that fail, a second relay."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import ExitStack
from time import monotonic, sleep
from typing import Any
from uuid import UUID

import psycopg
import pytest
from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaTimeoutError

from events.envelope import decode
from events.parks import ParkRevised
from services.parks.models import Park
from services.registry import SERVICES
from shared.core.context import Context
from shared.core.settings import Settings
from shared.journal.outbox import WAKE, topic_name
from shared.journal.session import Database
from shared.messaging import kafka
from shared.messaging.relay import BATCH, BY_INDEX, DOZE, FROZEN, LOCK, UNSENT, Relay, doze
from tests.builders import race as races
from tests.builders.cell import Cell
from tests.builders.parks import bare_park
from tests.builders.race import Race, Recorder, Sent, Verdict, relaying, send_now, verdict, wait_until
from tests.builders.sizes import size, soak

EVENTS = size(800, 20_480)
"""With plain connections; the real `Session.publish` is slower and writes fewer."""
EACH = size(15, 120)
"""Events of each writer through `Session.publish` and real Kafka."""


class RelayPastTheLastId(Relay):
    """The mistake everybody makes first: ids are taken in order, but they do not commit in order."""

    last = 0

    def send_all(self, connection: psycopg.Connection[Any]) -> int:
        newer = "SELECT id, topic, key, value FROM shared.outbox WHERE service = ANY (%s) AND id > %s ORDER BY id"
        rows = connection.execute(newer, [self.services, self.last], binary=True).fetchall()
        for self.last, topic, key, value in rows:
            self.producer.send(topic, key=str(key).encode(), value=value)
        return len(rows)


@pytest.fixture
def reader(settings: Settings) -> Iterator[Database]:
    database = Database(settings, "relay", pool=4)
    yield database
    database.close()


def race_against(relay: Relay, race: Race, *, events: int) -> Verdict:
    """Publish all while the relay runs, then let it send until nothing more comes."""
    recorder = relay.producer
    assert isinstance(recorder, Recorder)
    with relaying(relay):
        race.run(events)
    send_now(relay)
    return verdict(recorder.sent, race.written())


@soak
def test_sixteen_writers_lose_nothing_and_keep_the_order_of_every_aggregate(
    settings: Settings, reader: Database
) -> None:
    race = Race(settings, aggregates=200)
    result = race_against(Relay(reader, Recorder(), [race.service]), race, events=EVENTS)
    assert sum(race.written().values()) == EVENTS
    assert result == Verdict(lost=0, doubled=0, disordered=0)


def test_a_relay_that_reads_past_the_last_id_loses_events(settings: Settings, reader: Database) -> None:
    race = Race(settings, aggregates=200)
    assert race_against(RelayPastTheLastId(reader, Recorder(), [race.service]), race, events=size(640, 2_560)).lost > 0


class Tail:
    """Everything that comes into one topic from now on; entries as (aggregate, version)."""

    def __init__(self, settings: Settings, topic: str) -> None:
        self.consumer = KafkaConsumer(**settings.kafka.connection(), enable_auto_commit=False)
        self.sent: Sent = []
        parts = [TopicPartition(topic, number) for number in range(settings.kafka.partitions)]
        self.consumer.assign(parts)
        self.consumer.seek_to_end(*parts)
        for part in parts:
            self.consumer.position(part)

    def arrived(self, aggregates: dict[str, int]) -> Sent:
        """What came so far for these aggregates."""
        for batch in self.consumer.poll(timeout_ms=100).values():
            for record in batch:
                document = decode(record.value).document
                self.sent.append((str(document["aggregate"]), int(str(document.get("version", 0)))))
        return [item for item in self.sent if item[0] in aggregates]


@pytest.fixture
def tail(settings: Settings) -> Iterator[Tail]:
    kafka.create_topics(settings, SERVICES)
    made = Tail(settings, topic_name(settings.cell, "parks", kind="events"))
    yield made
    made.consumer.close()


@pytest.fixture
def parks_relay(settings: Settings, reader: Database) -> Iterator[Relay]:
    producer = kafka.producer(settings)
    yield Relay(reader, producer, ["parks"])
    producer.close()


def revise(database: Database, context: Context, parks: list[UUID]) -> None:
    """One writer: each revision in a transaction of its own."""
    for park_id in parks:
        with database.session(context) as session:
            park = session.locked(Park, park_id)
            park.next_revision += 1
            session.publish(park, ParkRevised(changes={"next_revision": park.next_revision}))


@soak
def test_through_real_kafka_every_published_entry_arrives_once_and_in_order(
    cell: Cell, tail: Tail, parks_relay: Relay
) -> None:
    # An entry goes where another party lives.
    context, other = Context(tenant_id=cell.tenant("home"), actor_id="writer"), cell.tenant("other")
    with cell.database.session(context) as session:
        parks = [bare_park(session, [other]).id for _ in range(40)]
    writers = Database(cell.settings, "app", pool=races.WRITERS)
    with relaying(parks_relay):
        races.at_once(lambda seed: revise(writers, context, random.Random(seed).choices(parks, k=EACH)))
        with writers.session(context) as session:
            written = {str(row.id): row.version for row in session.query(Park)}
        assert wait_until(lambda: len(tail.arrived(written)) >= sum(written.values()))
    writers.close()
    assert sum(written.values()) == len(parks) + races.WRITERS * EACH
    assert verdict(tail.arrived(written), written) == Verdict(lost=0, doubled=0, disordered=0)


@pytest.fixture
def race(settings: Settings) -> Race:
    """Two aggregates, `first` and `second`, with three versions each that wait, taking turns."""
    made = Race(settings, aggregates=2)
    with made.connection() as connection:
        for _version in range(3):
            for key in made.keys:
                made.publish(connection, key)
    return made


@pytest.mark.parametrize("at_once", [True, False], ids=["send raises", "the future fails"])
def test_a_key_that_fails_holds_back_its_later_events_but_no_other_key(
    race: Race, reader: Database, at_once: bool
) -> None:
    failing, healthy = map(str, race.keys)
    recorder = Recorder(refuses=lambda key, version: (key, version) == (failing, 2), at_once=at_once)
    relay = Relay(reader, recorder, [race.service])
    send_now(relay)
    assert race.unsent() == 2
    recorder.refuses = lambda _key, _version: False
    with relaying(relay):
        assert wait_until(lambda: race.unsent() == 0)
    assert [version for key, version in recorder.sent if key == healthy] == [1, 2, 3]
    # Version 3 may have gone out before 2 was known to have failed; then it follows once more.
    assert [version for key, version in recorder.sent if key == failing][-2:] == [2, 3]


def test_a_send_that_raises_keeps_the_later_events_of_its_key_from_going_out_before_it(
    race: Race, reader: Database
) -> None:
    failing = str(race.keys[0])
    recorder = Recorder(refuses=lambda key, version: (key, version) == (failing, 2), at_once=True)
    send_now(Relay(reader, recorder, [race.service]))
    assert [version for key, version in recorder.sent if key == failing] == [1]


def test_a_topic_that_is_not_there_is_waited_for_once_not_by_each_message(race: Race, reader: Database) -> None:
    recorder = Recorder(refuses=lambda _key, _version: True, at_once=True, error=KafkaTimeoutError())
    with pytest.raises(ConnectionError):
        send_now(Relay(reader, recorder, [race.service]))
    assert (recorder.asked, race.unsent()) == (1, 6)


def test_a_failing_key_with_more_events_than_a_batch_does_not_block_the_others(
    race: Race, reader: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.messaging.relay.BATCH", 3)
    failing, healthy = map(str, race.keys)
    recorder = Recorder(refuses=lambda key, _version: key == failing)
    relay = Relay(reader, recorder, [race.service])
    with relaying(relay):
        assert wait_until(lambda: len(recorder.sent) == 3, seconds=5)
    assert {key for key, _version in recorder.sent} == {healthy}


def test_a_second_relay_stands_by_until_the_first_is_gone(settings: Settings, reader: Database) -> None:
    race, recorders = Race(settings, aggregates=1), (Recorder(), Recorder())
    with race.connection() as connection, ExitStack() as rest:
        with relaying(Relay(reader, recorders[0], [race.service])):
            race.publish(connection, race.keys[0])
            assert wait_until(lambda: race.unsent() == 0)
            rest.enter_context(relaying(Relay(reader, recorders[1], [race.service])))
            for _version in range(20):
                race.publish(connection, race.keys[0])
            assert wait_until(lambda: race.unsent() == 0)
            assert (len(recorders[0].sent), len(recorders[1].sent)) == (21, 0)
        race.publish(connection, race.keys[0])
        assert wait_until(lambda: race.unsent() == 0)
    assert recorders[1].sent == [(str(race.keys[0]), 22)]


def test_a_relay_that_failed_often_is_as_quick_as_at_first(race: Race, reader: Database) -> None:
    relay = Relay(reader, Recorder(), [race.service])
    assert max(relay._pause.failed() for _failure in range(10)) == 1.0
    with relaying(relay):
        assert wait_until(lambda: race.unsent() == 0)
    assert relay._pause.failed() == 0.1


def test_a_relay_that_was_told_much_looks_once(race: Race, reader: Database) -> None:
    with psycopg.connect(reader.settings.url("relay"), autocommit=True) as connection, race.connection() as writer:
        connection.execute(f"LISTEN {WAKE}")
        for _commit in range(50):
            writer.execute("SELECT pg_notify(%s, '')", [WAKE])
        assert Relay(reader, Recorder(), [race.service]).send_all(connection) == 6
        began = monotonic()
        doze(connection)
        assert monotonic() - began < DOZE
        assert list(connection.notifies(timeout=0.1)) == []


def test_a_wake_up_that_the_driver_has_read_already_is_not_slept_through(race: Race, reader: Database) -> None:
    with psycopg.connect(reader.settings.url("relay"), autocommit=True) as connection, race.connection() as writer:
        connection.execute(f"LISTEN {WAKE}")
        writer.execute("SELECT pg_notify(%s, '')", [WAKE])
        sleep(0.05)
        # As it happens where the wake-up comes just behind the end of an answer.
        connection.pgconn.consume_input()
        connection.pgconn.is_busy()
        began = monotonic()
        doze(connection)
        assert monotonic() - began < DOZE / 2


def test_what_is_published_while_others_are_sent_waits_for_no_other_look(
    race: Race, reader: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.messaging.relay.DOZE", 30.0)
    recorder, late = Recorder(), str(race.keys[0])

    def publish_one_more(key: str, version: int) -> bool:
        if (key, version) == (late, 3):
            with race.connection() as connection:
                race.publish(connection, race.keys[0])
        return False

    recorder.refuses = publish_one_more
    relay = Relay(reader, recorder, [race.service])
    with relaying(relay), race.connection() as connection:
        assert wait_until(lambda: (late, 4) in recorder.sent and race.unsent() == 0, seconds=10)
        relay.stopping.set()
        connection.execute("SELECT pg_notify(%s, '')", [WAKE])


def test_a_relay_that_is_frozen_loses_its_lock_to_another(race: Race, reader: Database) -> None:
    with reader.engine.connect() as frozen:
        raw = frozen.connection.driver_connection
        assert isinstance(raw, psycopg.Connection)
        raw.autocommit = True
        assert raw.execute(LOCK, [f"relay:{reader.settings.cell}"]).fetchone() == (True,)
        raw.execute(FROZEN)
        with relaying(Relay(reader, Recorder(), [race.service])):
            assert wait_until(lambda: race.unsent() == 0, seconds=10)
        frozen.invalidate()


def test_a_long_queue_of_one_service_is_not_in_the_way_of_another(
    settings: Settings, reader: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.messaging.relay.BATCH", 5)
    busy, other, recorder = Race(settings, aggregates=1), Race(settings, aggregates=1), Recorder()
    with busy.connection() as connection:
        for _version in range(20):
            busy.publish(connection, busy.keys[0])
        other.publish(connection, other.keys[0])
    assert send_now(Relay(reader, recorder, [busy.service, other.service])) == 21
    assert recorder.sent.index((str(other.keys[0]), 1)) == 5


def test_what_the_brokers_may_not_have_taken_is_not_deleted(race: Race, reader: Database) -> None:
    recorder = Recorder(fails_to_flush=True)
    with pytest.raises(TimeoutError):
        send_now(Relay(reader, recorder, [race.service]))
    assert race.unsent() == 6
    recorder.fails_to_flush = False
    assert send_now(Relay(reader, recorder, [race.service])) == 6
    assert race.unsent() == 0


@pytest.mark.parametrize("rows", [0, 2_000])
def test_what_waits_is_found_by_its_index_whatever_statistics_say(
    settings: Settings, reader: Database, rows: int
) -> None:
    race = Race(settings, aggregates=1)
    with race.connection() as connection, connection.pipeline():
        for _version in range(rows):
            race.publish(connection, race.keys[0])
    with psycopg.connect(settings.url("relay"), autocommit=True) as connection:
        connection.execute(BY_INDEX)
        for mode in ("force_generic_plan", "force_custom_plan"):
            connection.execute(f"SET plan_cache_mode = {mode}")
            asked = {"services": [race.service], "paused": [], "most": BATCH}
            plan = connection.execute(f"EXPLAIN {UNSENT}", asked, prepare=True).fetchall()
            assert any("Index Scan using ix_outbox" in line for (line,) in plan)
            assert not any("Sort" in line for (line,) in plan)
