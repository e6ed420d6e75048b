"""The relay process: the relays of all services, each in a thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from threading import Event, Thread

from shared.core.settings import Settings
from shared.journal.session import Database
from shared.messaging import kafka
from shared.messaging.measuring import Measuring
from shared.messaging.relay import Relay
from shared.server import operations
from shared.server.process import beside, heed_signals, patiently, tell
from shared.server.pulse import Pulse


@dataclass
class RelayProcess:
    """The relays of all services, each in a thread; `stop` drains them."""

    settings: Settings
    services: Sequence[str]
    stopping: Event = field(default_factory=Event)

    def __post_init__(self) -> None:
        # Beside one connection per relay: measuring and readiness.
        self.database = Database(self.settings, "relay", pool=len(self.services) + 4)
        self.pulse = Pulse("relay")

    def run(self) -> None:
        """Run until SIGTERM or SIGINT."""
        heed_signals(self.stopping)
        beats = [self.pulse.expect(service) for service in self.services]
        tell(self.settings, partial(operations.readiness, self.database, self.pulse), stopping=self.stopping)
        Measuring(self.settings, self.services, self.database, stopping=self.stopping).start()
        producer = patiently(partial(kafka.producer, self.settings), self.stopping)
        if producer is None:
            return
        named = zip(self.services, beats, strict=True)
        relays = [Relay(self.database, producer, service, self.stopping, beat) for service, beat in named]
        threads = [Thread(target=relay.run, name=f"relay-{relay.service}") for relay in relays]
        with beside(threads, self.stopping):
            # In slices: a signal handler runs only between two of them.
            while not self.stopping.wait(0.5):
                pass
        producer.close(timeout=10)
        self.database.close()
