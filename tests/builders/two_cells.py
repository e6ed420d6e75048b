"""Two cells in one process: each with a database, keys and a worker of its own, and one clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy import exists, select

from shared.broadcasts.completeness import Gap, KnownHome
from shared.core.clock import Clock
from shared.core.derived_keys import derived_public_key
from shared.core.settings import Settings
from shared.messaging.relay import Unsent
from tests.builders.cell import Cell, Weather, fair
from tests.builders.databases import Clone, databases

OTHER_SECRET = b"2" * 32


@dataclass
class TwoCells:
    """The first hosts the platform; what is written in either is carried to both by `carry` of either."""

    one: Cell
    two: Cell

    @property
    def both(self) -> tuple[Cell, Cell]:
        return self.one, self.two

    def tenant(self, name: str, *, there: bool = False) -> UUID:
        """A province in the first cell, or in the second."""
        return self.one.tenant(name, cell=(self.two if there else self.one).settings.cell)

    def pass_seconds(self, seconds: int, weather: Weather = fair) -> None:
        """What the workers of both do in these."""
        for _second in range(seconds):
            self.one.clock.advance(timedelta(seconds=1))
            for cell in self.both:
                cell.tick()
            self.one.carry(weather)

    def calm(self) -> None:
        """All that was missing is here."""
        for _round in range(20):
            self.pass_seconds(2)
            if not any(self._waits(cell) for cell in self.both):
                return
        raise AssertionError("what is missing does not come")

    def _waits(self, cell: Cell) -> bool:
        with cell.worker_database.cell_session() as session:
            return bool(session.scalar(select(exists().where(KnownHome.behind) | exists().where(Gap.open))))


def lost_on_the_way_to(cell: Cell) -> Callable[[list[Unsent]], list[Unsent]]:
    """Nothing arrives there."""
    return lambda messages: [row for row in messages if not row.topic.startswith(f"{cell.settings.cell}.")]


@contextmanager
def two_cells(settings: Settings) -> Iterator[TwoCells]:
    """Both, with their databases; gone at the end."""
    with databases(settings) as make:
        made = _made(settings, make)
        try:
            yield made
        finally:
            for cell in made.both:
                cell.close()


def _made(settings: Settings, make: Clone) -> TwoCells:
    keys = {**settings.cell_keys, "cell2": derived_public_key(OTHER_SECRET, "cell:cell2")}
    first = replace(make(), cell_keys=keys, silence_seconds=86_400)
    second = replace(
        make(),
        cell_keys=keys,
        silence_seconds=86_400,
        cell="cell2",
        vault_key=OTHER_SECRET,
        platform_cell=settings.cell,
    )
    clock = Clock()
    one = Cell(first, clock)
    two = Cell(second, clock)
    one.neighbours, two.neighbours = {"cell2": two}, {settings.cell: one}
    one.carry()
    made = TwoCells(one, two)
    made.pass_seconds(1)
    return made
