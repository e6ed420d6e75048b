"""What services make of events: handlers, declared beside the event class they listen to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from events.catalog import Change, parse
from events.entry import Entry
from shared.intake import Arrival

if TYPE_CHECKING:
    from shared.db import Session

C = TypeVar("C", bound=Change)


@dataclass(frozen=True)
class Happened(Generic[C]):
    """An event as a handler sees it: what happened, what is true now, and the signed entry."""

    change: C
    state: Mapping[str, Any]
    entry: Entry


Handler = Callable[["Session", Happened[Any]], None]
HANDLERS: dict[str, list[Handler]] = {}


def handles(change: type[C]) -> Callable[[Handler], Handler]:
    """Run the function for every `change`, once per tenant here that is a party, in the worker's transaction.

    It runs in that tenant's context and must not do anything outside the database.
    """

    def register(function: Handler) -> Handler:
        HANDLERS.setdefault(change.type, []).append(function)
        return function

    return register


def react(session: Session, arrival: Arrival) -> None:
    """Run the handlers of one entry; a type this code does not know has none."""
    handlers = HANDLERS.get(arrival.entry.type, [])
    change = parse(arrival.entry.type, arrival.entry.change, texts=arrival.texts) if handlers else None
    if change is None:
        return
    for handler in handlers:
        handler(session, Happened(change, arrival.state, arrival.entry))
