"""The relay process: one loop for the outbox of all services."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from threading import Event

from shared.core.settings import Settings
from shared.journal.session import Database
from shared.messaging import kafka
from shared.messaging.measuring import Measuring
from shared.messaging.relay import Relay
from shared.server import operations
from shared.server.process import heed_signals, patiently, spare_the_collector, tell
from shared.server.pulse import Pulse


@dataclass
class RelayProcess:
    """The relay of all services; `stop` drains it."""

    settings: Settings
    services: Sequence[str]
    stopping: Event = field(default_factory=Event)

    def __post_init__(self) -> None:
        # The relay's own, and those of measuring and readiness.
        self.database = Database(self.settings, "relay", pool=5)
        self.pulse = Pulse("relay")

    def run(self) -> None:
        """Run until SIGTERM or SIGINT."""
        heed_signals(self.stopping)
        spare_the_collector()
        beat = self.pulse.expect("outbox")
        tell(self.settings, partial(operations.readiness, self.database, self.pulse), stopping=self.stopping)
        Measuring(self.settings, self.services, self.database, stopping=self.stopping).start()
        producer = patiently(partial(kafka.producer, self.settings), self.stopping)
        if producer is None:
            return
        # In the main thread, where signal handlers run: it waits in slices that let them.
        Relay(self.database, producer, self.services, self.stopping, beat).run()
        producer.close(timeout=10)
        self.database.close()
