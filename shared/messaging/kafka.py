"""Kafka clients with the settings that keep the promises; each is passed explicitly (DESIGN §4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from time import monotonic
from typing import Any
from zlib import crc32

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic
from kafka.errors import TopicAlreadyExistsError, UnknownTopicOrPartitionError
from kafka.partitioner.abc import Partitioner
from kafka.structs import OffsetAndMetadata

from shared.core.pauses import LONGEST
from shared.core.settings import Settings
from shared.journal.outbox import topic_name

WEEK_MS = str(7 * 24 * 3600 * 1000)
LONGEST_MS = int(LONGEST * 1000)
"""Between two tries to reach a broker; the client's own default grows to half a minute."""


class _ByKey(Partitioner):  # type: ignore[misc]  # the library has no types
    """By CRC-32 of the key, as librdkafka's clients do it: the library's own murmur2 is Python and took 25 µs a key."""

    def partition(self, topic: str, *given: Any) -> int:
        """Given are, by the library, the key, the key as bytes, the value, the value as bytes and the cluster."""
        return crc32(given[1]) % len(given[-1].partitions_for_topic(topic))


def producer(settings: Settings) -> KafkaProducer:
    """An idempotent producer: retries neither double nor reorder a partition.

    It sends when it is flushed: what is handed over before goes in one request, a batch for each partition.
    """
    return KafkaProducer(
        **settings.kafka.connection(),
        client_id=f"xietong-{settings.cell}-relay",
        enable_idempotence=True,
        acks="all",
        partitioner=_ByKey(),
        linger_ms=1_000,
        batch_size=256_000,
        compression_type=None,
        metrics_enabled=False,
        delivery_timeout_ms=30_000,
        request_timeout_ms=10_000,
        max_block_ms=1_000,
        reconnect_backoff_max_ms=LONGEST_MS,
        allow_auto_create_topics=False,
    )


def consumer(settings: Settings, topics: Sequence[str]) -> KafkaConsumer:
    """The one consumer of a worker process: static membership, offsets committed by hand.

    Raises `KafkaError` when a topic is not known to the brokers yet.
    """
    made = KafkaConsumer(
        **settings.kafka.connection(),
        client_id=f"xietong-{settings.cell}-worker-{settings.worker_instance}",
        group_id=f"xietong.{settings.cell}",
        group_instance_id=f"{settings.cell}-{settings.worker_instance}",
        session_timeout_ms=10_000,
        heartbeat_interval_ms=3_000,
        max_poll_interval_ms=300_000,
        max_poll_records=500,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        allow_auto_create_topics=False,
        # The brokers answer as soon as there is something; until then nobody asks again.
        fetch_max_wait_ms=500,
        metrics_enabled=False,
        metadata_max_age_ms=10_000,
        request_timeout_ms=10_000,
        reconnect_backoff_max_ms=LONGEST_MS,
    )
    # A group joined before the topics' metadata are here gets no partition, and hears nothing until the next refresh.
    unknown = [topic for topic in topics if not made.partitions_for_topic(topic)]
    if unknown:
        made.close(timeout_ms=1000)
        raise UnknownTopicOrPartitionError(f"no partitions of {', '.join(unknown)}: run `xietong topics`")
    made.subscribe(list(topics))
    return made


COMMIT_EVERY = 0.5
"""Seconds between two commits of offsets while records keep coming."""


class Offsets:
    """How far what a consumer took has its effects in the database; what comes again has no second one."""

    def __init__(self, consumer: Any) -> None:
        self._consumer = consumer
        self._reached: dict[TopicPartition, OffsetAndMetadata] = {}
        self._committed_at = monotonic()

    def reached(self, records: Iterable[Any]) -> None:
        """The effects of these are committed."""
        for record in records:
            self._reached[TopicPartition(record.topic, record.partition)] = OffsetAndMetadata(record.offset + 1, "", -1)

    def commit(self, *, now: bool) -> None:
        """Tell the brokers, `now` or once in a while; never what the database does not have yet."""
        if not self._reached or not (now or monotonic() - self._committed_at > COMMIT_EVERY):
            return
        ours = self._consumer.assignment()
        told = {partition: offset for partition, offset in self._reached.items() if partition in ours}
        if told and now:
            self._consumer.commit(told)
        elif told:
            # What comes next does not wait for the brokers' word.
            self._consumer.commit_async(told)
        self._reached, self._committed_at = {}, monotonic()


def cell_topics(settings: Settings, services: Iterable[str]) -> list[str]:
    """Every topic this cell's worker reads."""
    return [topic_name(settings.cell, service, kind=kind) for service in services for kind in ("events", "commands")]


def create_topics(settings: Settings, services: Iterable[str]) -> list[str]:
    """Create what is missing of the cell's topics; returns the names created. Topics forget after 7 days."""
    names = cell_topics(settings, services)
    admin = KafkaAdminClient(**settings.kafka.connection(), client_id=f"xietong-{settings.cell}-admin")
    try:
        missing = [name for name in names if name not in set(admin.list_topics())]
        if missing:
            admin.create_topics([_new_topic(settings, name) for name in missing])
    except TopicAlreadyExistsError:
        missing = []
    finally:
        admin.close()
    return missing


def _new_topic(settings: Settings, name: str) -> Any:
    return NewTopic(
        name,
        num_partitions=settings.kafka.partitions,
        replication_factor=settings.kafka.replication,
        topic_configs={"retention.ms": WEEK_MS, "min.insync.replicas": str(max(1, settings.kafka.replication - 1))},
    )


class StalledError(Exception):
    """A partition has waiting records but does not move: the process ends and starts anew."""


class Watchdog:
    """Notices a partition that stopped silently (kafka-python 3.0.7-3.0.8 did so after a rebalance)."""

    def __init__(self, consumer: Any, *, seconds: float = 30.0) -> None:
        self._consumer = consumer
        self._seconds = seconds
        self._next = monotonic() + seconds
        self._before: dict[Any, tuple[int, int]] = {}

    def check(self) -> None:
        """Look every `seconds`; raises `StalledError` for a partition that lagged before and has not moved since."""
        if monotonic() < self._next:
            return
        self._next = monotonic() + self._seconds
        now = {part: self._consumer.position(part) for part in self._consumer.assignment()}
        ends = self._consumer.end_offsets(list(now)) if now else {}
        for partition, position in now.items():
            before, end = self._before.get(partition, (0, 0))
            # A record that came since the last look proves nothing: the partition was idle, not stalled.
            if position == before < end:
                raise StalledError(f"{partition} stays at {position} of {ends[partition]}")
        self._before = {partition: (position, ends[partition]) for partition, position in now.items()}
