"""The raw floor: outbox row, kafka-python, upsert of a replica; two plain processes and no framework.

No signatures, no journal, no row-level security. Run as `python -m benchmarks.floor relay|worker|forwarder`; the
forwarder is a worker that writes an outbox row for each record it takes, so that two hops can be measured.
"""

from __future__ import annotations

import os
import signal
import sys
from threading import Event
from typing import Any

import psycopg
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

TOPIC, SECOND = "floor.events", "floor.second"
BATCH = 500
SETUP = """
CREATE SCHEMA IF NOT EXISTS floor;
CREATE TABLE IF NOT EXISTS floor.outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, topic text, key text, value bytea, sent boolean DEFAULT false);
CREATE INDEX IF NOT EXISTS unsent ON floor.outbox (id) WHERE NOT sent;
CREATE TABLE IF NOT EXISTS floor.replica (id text PRIMARY KEY, version int, state bytea, applied_at timestamptz);
"""
UNSENT = "SELECT id, topic, key, value FROM floor.outbox WHERE NOT sent ORDER BY id LIMIT 500"
SENT = "UPDATE floor.outbox SET sent = true WHERE id = ANY(%s) AND NOT sent"
WRITE = "INSERT INTO floor.outbox (topic, key, value) SELECT * FROM unnest(%s::text[], %s::text[], %s::bytea[])"
UPSERT = """
INSERT INTO floor.replica SELECT id, version, state, clock_timestamp()
FROM unnest(%s::text[], %s::int[], %s::bytea[]) AS given (id, version, state)
ON CONFLICT (id) DO UPDATE SET version = excluded.version, state = excluded.state, applied_at = excluded.applied_at
WHERE floor.replica.version < excluded.version"""


def relay(url: str, servers: str, stopping: Event) -> None:
    """Send unsent rows in order, woken by NOTIFY."""
    producer = KafkaProducer(bootstrap_servers=servers, enable_idempotence=True, acks="all", linger_ms=0)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("LISTEN floor")
        while not stopping.is_set():
            rows = connection.execute(UNSENT, binary=True).fetchall()
            futures = [producer.send(topic, key=key.encode(), value=value) for _id, topic, key, value in rows]
            producer.flush()
            for future in futures:
                future.get(timeout=10)
            if rows:
                connection.execute(SENT, [[row[0] for row in rows]])
            if len(rows) < BATCH:
                for _note in connection.notifies(timeout=0.5, stop_after=1):
                    break


def worker(url: str, servers: str, stopping: Event, *, topics: tuple[str, ...] = (TOPIC,)) -> None:
    """Upsert what comes with one statement a batch, the newest version of each thing; offsets after the commit."""
    consumer = KafkaConsumer(
        bootstrap_servers=servers, group_id="floor", enable_auto_commit=False, auto_offset_reset="earliest",
        max_poll_records=BATCH, fetch_max_wait_ms=100,
    )  # fmt: skip
    consumer.assign([TopicPartition(name, part) for name in topics for part in consumer.partitions_for_topic(name)])
    with psycopg.connect(url) as connection:
        while not stopping.is_set():
            records = [item for batch in consumer.poll(timeout_ms=200).values() for item in batch]
            if records:
                _apply(connection, records)
                connection.commit()
                consumer.commit()
    consumer.close()


def forwarder(url: str, servers: str, stopping: Event) -> None:
    """The worker of both hops: what comes by the first is kept and sent on by the second."""
    worker(url, servers, stopping, topics=(TOPIC, SECOND))


def _apply(connection: psycopg.Connection[Any], records: list[Any]) -> None:
    # One thing twice in a statement is refused, and what is superseded in the same batch nobody would see.
    newest = {item.key: item for item in records}.values()
    keys, values = [item.key.decode() for item in newest], [item.value for item in newest]
    connection.execute(UPSERT, [keys, [int(value[:8]) for value in values], values], binary=True)
    on = [item for item in records if item.topic == TOPIC and item.value[8:9] == b"2"]
    if on:
        again = [(item.key + b"-answer").decode() for item in on]
        connection.execute(WRITE, [[SECOND] * len(on), again, [item.value for item in on]])
        connection.execute("NOTIFY floor")


if __name__ == "__main__":
    stop = Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    run = {"relay": relay, "worker": worker, "forwarder": forwarder}[sys.argv[1]]
    run(os.environ["XIETONG_DATABASE_URL"], os.environ["XIETONG_KAFKA"], stop)
