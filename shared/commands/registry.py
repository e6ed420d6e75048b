"""Commands: every change of an aggregate has a name, so that a party can ask the home tenant to run it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from events.catalog import Texts
from shared.database.rows import Aggregate
from shared.rules.services import VOUCHED, declare


class DraftSchema(Protocol):
    """What a command needs of a marshmallow schema: it turns JSON into keyword arguments or raises."""

    def load(self, data: Any) -> Any: ...


@dataclass(frozen=True)
class Command:
    """One kind of change: `run(session, id, **arguments)` under home's lock; `kind` is what the id names."""

    name: str
    kind: type[Aggregate]
    run: Callable[..., Aggregate]
    drafts: list[type[DraftSchema]] = field(default_factory=list)

    def bind(self, draft: type[DraftSchema]) -> None:
        """Say which schema its arguments have; the same one judges them here and at home."""
        if draft not in self.drafts:
            self.drafts.append(draft)


COMMANDS: dict[str, Command] = {}
Run = Callable[..., Any]
COMMAND_OF: dict[Run, Command] = {}
"""By the function that is registered."""


def command(name: str, kind: type[Aggregate], *, vouched: bool = False) -> Callable[[Run], Run]:
    """Register a command function as `service.subject.action` on aggregates of `kind`.

    A `vouched` one is signed by the tenant's cell, for a tenant that has no key yet.
    """

    def register(run: Run) -> Run:
        if name in COMMANDS:
            raise ValueError(f"two commands are called {name}")
        COMMANDS[name] = COMMAND_OF[run] = Command(name, kind, run)
        declare(name)
        if vouched:
            VOUCHED.add(name)
        return run

    return register


def command_of(run: Run) -> Command:
    """The command a function was registered as; raises LookupError."""
    if run not in COMMAND_OF:
        raise LookupError(f"{run.__name__} is not a command")
    return COMMAND_OF[run]


def restored(value: Any, texts: Texts) -> Any:
    """What was signed as the arguments it was made from: digests become the free texts again."""
    if isinstance(value, str):
        return texts.get(value, value)
    if isinstance(value, dict):
        return {key: restored(item, texts) for key, item in value.items()}
    if isinstance(value, list):
        return [restored(item, texts) for item in value]
    return value
