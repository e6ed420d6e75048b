"""What is asked of a park where its command runs: its divisions exist and belong to whom they should."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select

from services.parks.domain.park import ENDED, Party, tenants
from services.parks.models import Agreement, Park
from shared.core.calendar import day_of
from shared.core.errors import ConflictError, Fault, InvalidError
from shared.journal.session import Session
from shared.reference import divisions
from shared.reference.territory import division_elsewhere, elsewhere
from shared.text.matching import is_called

Place = tuple[str | None, Sequence[Party]]
"""Where a park lies, and its parties."""


def check_divisions(session: Session, place: Place, *, since: date | None, before: Place | None = None) -> None:
    """A park that began before a reform keeps the codes of its founding; any other names divisions of today.

    Each lies in its party's territory, the location in that of one of them; what stood there `before` is not asked
    again. Raises `InvalidError` with pointers.
    """
    today = day_of(session.clock.now())
    location, parties = place
    known = set() if before is None else {before[0], *(party["division"] for party in before[1])}
    named = [("/location", location)]
    named += [(f"/parties/{index}/division", party["division"]) for index, party in enumerate(parties)]
    for pointer, code in named:
        if code is None or code in known:
            continue
        try:
            divisions.check_entered(code, today=today, since=since)
        except InvalidError as error:
            raise InvalidError(error.code, error.zh, error.en, [Fault(pointer, error.zh, error.en)]) from error
    days = [today] if since is None else [today, since]
    faults = list(_elsewhere(session, place, before=before, days=days))
    if faults:
        raise division_elsewhere(faults)


def _elsewhere(session: Session, place: Place, *, before: Place | None, days: Sequence[date]) -> Iterator[Fault]:
    (location, parties), known = place, {} if before is None else {one["tenant"]: one["division"] for one in before[1]}
    # Whoever brings the same division as before stays; so does the location while nothing beside it changes.
    if location is not None and place != before:
        everybody = [UUID(name) for name in tenants(parties)]
        yield from elsewhere(session, location, tenants=everybody, days=days, pointer="/location")
    for at, party in enumerate(parties):
        code, tenant = party["division"], party["tenant"]
        if code is not None and known.get(tenant) != code:
            yield from elsewhere(session, code, tenants=[UUID(tenant)], days=days, pointer=f"/parties/{at}/division")


def check_active(session: Session, parties: Sequence[Party], *, known: Sequence[UUID] = ()) -> None:
    """Whoever becomes a party is a tenant at work; those known are parties already."""
    named = {f"/parties/{index}/tenant": UUID(name) for index, name in enumerate(tenants(parties))}
    session.directory.check_active(session, {at: tenant for at, tenant in named.items() if tenant not in known})


def check_new(session: Session, name: str, *, parties: Sequence[UUID]) -> None:
    """Raises `ConflictError` where these parties have a park of this name, as it is seen, that goes on."""
    same = Park.party_ids == list(parties), Park.state.not_in(ENDED), is_called(Park.name_zh, name)
    found = session.scalars(select(Park).where(*same).order_by(Park.created_at).limit(1)).first()
    if found is not None:
        raise duplicate(
            f"名称和参与方相同的园区“{found.name_zh}”",
            f"a park of this name and these parties is there: '{found.name_zh}'",
            key=found.id,
        )


def check_new_content(session: Session, park: Park, *, content_hash: str) -> None:
    """Raises `ConflictError` where a revision says just this already; one that was withdrawn may be proposed anew."""
    same = Agreement.park_id == park.id, Agreement.content_hash == content_hash, Agreement.state != "withdrawn"
    found = session.scalars(select(Agreement).where(*same).order_by(Agreement.revision).limit(1)).first()
    if found is not None:
        raise duplicate(
            f"内容相同的第 {found.revision} 版协议", f"revision {found.revision} says the same", key=found.id
        )


def duplicate(zh: str, en: str, *, key: UUID) -> ConflictError:
    """The warning before something is made that is there already, under this id."""
    return ConflictError(
        "duplicate",
        f"已有{zh}({key})。请先核对;仍要另建的,请选择“确需另建”(`confirm_duplicate`)后重新提交。",
        f"This is there already: {en} ({key}). Look at it first; to go on all the same, send it again with "
        '"confirm_duplicate": true.',
        [Fault("/confirm_duplicate", f"已有{zh}", en)],
    )
