"""The raw floor: outbox row, kafka-python, upsert of a replica; two plain processes and no framework.

No signatures, no journal, no row-level security, one party. Run as `python -m benchmarks.floor relay|worker`.
"""

from __future__ import annotations

import os
import signal
import sys
from threading import Event

import psycopg
from kafka import KafkaConsumer, KafkaProducer

TOPIC = "floor.events"
SETUP = """
CREATE SCHEMA floor;
CREATE TABLE floor.outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, key text, value bytea, sent boolean DEFAULT false);
CREATE INDEX ON floor.outbox (id) WHERE NOT sent;
CREATE TABLE floor.replica (id text PRIMARY KEY, version int, state bytea, applied_at timestamptz);
"""
UPSERT = """INSERT INTO floor.replica VALUES (%s, %s, %s, clock_timestamp())
ON CONFLICT (id) DO UPDATE SET version = excluded.version, state = excluded.state, applied_at = excluded.applied_at
WHERE floor.replica.version < excluded.version"""


def relay(url: str, servers: str, stopping: Event) -> None:
    """Send unsent rows in order, woken by NOTIFY."""
    producer = KafkaProducer(bootstrap_servers=servers, enable_idempotence=True, acks="all", linger_ms=0)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("LISTEN floor")
        while not stopping.is_set():
            query = "SELECT id, key, value FROM floor.outbox WHERE NOT sent ORDER BY id LIMIT 500"
            rows = connection.execute(query).fetchall()
            futures = [producer.send(TOPIC, key=key.encode(), value=value) for _id, key, value in rows]
            producer.flush()
            for future in futures:
                future.get(timeout=10)
            connection.execute("UPDATE floor.outbox SET sent = true WHERE id = ANY(%s)", [[row[0] for row in rows]])
            if len(rows) < 500:
                for _note in connection.notifies(timeout=0.5, stop_after=1):
                    break


def worker(url: str, servers: str, stopping: Event) -> None:
    """Upsert what comes, batch by batch; offsets after the commit."""
    consumer = KafkaConsumer(
        TOPIC, bootstrap_servers=servers, group_id="floor", enable_auto_commit=False, auto_offset_reset="earliest",
        max_poll_records=500, fetch_max_wait_ms=100,
    )  # fmt: skip
    with psycopg.connect(url) as connection:
        while not stopping.is_set():
            records = [item for batch in consumer.poll(timeout_ms=200).values() for item in batch]
            if records:
                rows = [(r.key.decode(), int(r.value[:8]), r.value) for r in records]
                with connection.cursor() as cursor:
                    cursor.executemany(UPSERT, rows)
                connection.commit()
                consumer.commit()
    consumer.close()


if __name__ == "__main__":
    stop = Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    run = {"relay": relay, "worker": worker}[sys.argv[1]]
    run(os.environ["XIETONG_DATABASE_URL"], os.environ["XIETONG_KAFKA"], stop)
