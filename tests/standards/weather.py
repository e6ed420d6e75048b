"""What is between homes and everybody: messages are delayed, doubled, overtaken and replayed.

The model learns of what was handed to the worker. The clock stands still between two steps, so what is received or
recorded has just the moment that the model says, and can be asked about.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from events.envelope import decode
from shared.core.context import PLATFORM
from shared.messaging.relay import Unsent
from tests.builders.cell import Cell
from tests.standards.histories import DAY, History


@dataclass
class Weather:
    """What is between homes and everybody: delay, doubling, overtaking and replay, for several histories at once."""

    cell: Cell
    rng: random.Random
    under_way: list[Unsent] = field(default_factory=list)
    old: list[Unsent] = field(default_factory=list)

    def deliver(self, share: float, histories: Sequence[History]) -> int:
        """A share of the messages, in any order, some twice, with some that came long ago."""
        # Who has applied what changes nothing of what anybody knows.
        self.under_way += [one for one in self.cell.take_unsent() if decode(one.value).kind != "receipt"]
        lots = [(self.rng.random() < share, message) for message in self.under_way]
        chosen = [message for goes, message in lots if goes]
        self.under_way = [message for goes, message in lots if not goes]
        again = self.rng.sample(chosen, len(chosen) // 6) + self.rng.sample(self.old, len(self.old) // 20)
        arriving = [*chosen, *again]
        self.rng.shuffle(arriving)
        when = self.cell.clock.now()
        self.cell.deliver(arriving)
        for envelope in [decode(message.value) for message in arriving]:
            if envelope.kind == "entry":
                key, version = UUID(envelope.document["aggregate"]), int(envelope.document["version"])
                for history in histories:
                    history.learn(key, version, when=when)
        self.old += chosen
        return len(chosen)


def live_through(histories: Sequence[History], weather: Weather, *, steps: int) -> None:
    """Time passes, things happen, some of what is under way arrives; at last everything does."""
    clock, rng = weather.cell.clock, weather.rng
    for _step in range(steps):
        clock.advance(timedelta(hours=rng.randrange(1, 60), seconds=rng.randrange(3600)))
        happen(histories, History.act)
        weather.deliver(rng.choice([0.0, 0.3, 0.6, 1.0]), histories)
        for history in histories:
            history.moments.append(clock.now())
    clock.advance(DAY)
    while weather.deliver(1.0, histories):
        pass
    for history in histories:
        history.moments.append(clock.now())


def happen(histories: Sequence[History], act: Callable[[History], None]) -> None:
    """Something happens in each of them; every home writes in one transaction, which takes half as long as many."""
    with ExitStack() as open_ones:
        for history in histories:
            history.sessions = histories[0].sessions or {
                tenant: open_ones.enter_context(history.cell.session(tenant)) for tenant in (*history.tenants, PLATFORM)
            }
        for history in histories:
            act(history)
    for history in histories:
        history.sessions = {}
