"""Lag measured from outside: what waits in the database and at the brokers, taken by processes that do not move it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import Any

from cryptography.x509 import load_pem_x509_certificates
from kafka import TopicPartition
from kafka.admin import KafkaAdminClient, OffsetSpec
from sqlalchemy import func, select

from shared.core import metrics
from shared.core.log import logger
from shared.core.settings import Settings
from shared.evidence.audit import AuditInbox
from shared.journal.outbox import OutboxRow
from shared.journal.session import Database
from shared.journal.timers import TimerRow
from shared.messaging.kafka import cell_topics
from shared.messaging.waiting import what_waits

EVERY = 5.0
"""Seconds between two figures of one source."""


@dataclass
class Measuring:
    """One thread per source, so that a broker that hangs leaves the database's figures true.

    `worker` is given where messages that prove nothing can be counted.
    """

    settings: Settings
    services: Iterable[str]
    relay: Database
    worker: Database | None = None
    stopping: Event = field(default_factory=Event)
    _admin: Any = None

    def start(self) -> None:
        """Measure until `stopping`; whoever ends without waiting for these threads loses nothing."""
        sources = {"outbox": self.outbox, "timers": self.timers, "brokers": self.brokers, "keys": self.keys}
        if self.worker is not None:
            sources["tenants"] = partial(self.tenants, self.worker)
        for name, take in sources.items():
            Thread(target=self._repeat, args=(name, take), name=f"measuring-{name}", daemon=True).start()

    def _repeat(self, name: str, take: Callable[[], None]) -> None:
        while not self.stopping.is_set():
            try:
                take()
                metrics.MEASURED_AT.labels(name).set_to_current_time()
            except Exception as error:  # noqa: BLE001 - the figures grow old, which is shown; the next round may do better
                logger("measuring").warning("not_measured", source=name, error=repr(error))
            self.stopping.wait(EVERY)

    def outbox(self) -> None:
        """Age and depth of what no relay has sent."""
        unsent = select(OutboxRow.service, func.count(), func.min(OutboxRow.created_at))
        with self.relay.cell_session() as session:
            found = {row[0]: (row[1], row[2]) for row in session.execute(unsent.group_by(OutboxRow.service))}
        for service in self.services:
            depth, since = found.get(service, (0, None))
            metrics.OUTBOX_DEPTH.labels(service).set(depth)
            metrics.OUTBOX_AGE.labels(service).set(self._age(since))

    def timers(self) -> None:
        """What should have run."""
        due = TimerRow.done_at.is_(None), TimerRow.retry_at <= self.relay.clock.now()
        with self.relay.cell_session() as session:
            number, since = session.execute(select(func.count(), func.min(TimerRow.retry_at)).where(*due)).one()
        metrics.TIMERS_DUE.set(number)
        metrics.TIMERS_LATE.set(self._age(since))

    def keys(self) -> None:
        """Until a tenant here has no key that counts, and until certificates end."""
        with self.relay.cell_session() as session:
            first = self.relay.directory.first_end(session)
        now = self.relay.clock.now()
        metrics.KEY_LEFT.set(float("inf") if first is None else (first - now).total_seconds())
        if self.settings.kafka.tls_ca_file:
            known = load_pem_x509_certificates(Path(self.settings.kafka.tls_ca_file).read_bytes())
            first = min(item.not_valid_after_utc for item in known)
            metrics.CERTIFICATE_LEFT.labels(self.settings.kafka.tls_ca_file).set((first - now).total_seconds())

    def brokers(self) -> None:
        """What lies on the cell's topics beyond the worker's committed offsets."""
        group = f"xietong.{self.settings.cell}"
        try:
            self._admin = self._admin or self._connected()
            committed = self._admin.list_group_offsets({group: None})[group]
            topics = cell_topics(self.settings, self.services)
            parts = [TopicPartition(topic, part) for topic in topics for part in range(self.settings.kafka.partitions)]
            ends = self._admin.list_partition_offsets(dict.fromkeys(parts, OffsetSpec.LATEST))
        except Exception:
            admin, self._admin = self._admin, None
            if admin is not None:
                admin.close()
            raise
        for topic in topics:
            mine = [part for part in parts if part.topic == topic]
            behind = [ends[part].offset - (committed[part].offset if part in committed else 0) for part in mine]
            metrics.LAG.labels(topic).set(sum(max(0, number) for number in behind))

    def _connected(self) -> Any:
        return KafkaAdminClient(
            **self.settings.kafka.connection(), client_id=f"xietong-{self.settings.cell}-measuring",
            request_timeout_ms=10_000,
        )  # fmt: skip

    def tenants(self, worker: Database) -> None:
        """What does not flow, and what the audit log has not numbered yet: one sum per kind over all tenants here."""
        now = worker.clock.now()
        for name, waiting in what_waits(worker, self.relay).items():
            metrics.WAITING.labels(name).set(waiting.count)
            metrics.WAITING_AGE.labels(name).set(waiting.age(now))
        with self.relay.cell_session() as session:
            unnumbered = session.scalar(select(func.count()).select_from(AuditInbox))
        metrics.AUDIT_INBOX.set(unnumbered or 0)

    def _age(self, since: datetime | None) -> float:
        return 0.0 if since is None else max(0.0, (self.relay.clock.now() - since).total_seconds())
