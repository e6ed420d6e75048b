"""Search: organisations by the beginning of any part of their names, page by page, in time that does not grow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Select,
    Text,
    Uuid,
    any_,
    cast,
    func,
    literal,
    or_,
    select,
    tuple_,
    union_all,
)

from services.organisations.domain.names import BEGINS, CODE, INSIDE, LONGEST, best_key, terms_of
from services.organisations.models import Organisation, SearchKey
from shared.database.counting import ABOUT, Total, total
from shared.database.pages import Page, PageRequest, counted, cursor_invalid, cursor_of, read_cursor
from shared.database.rows import state_of
from shared.journal.session import Session
from shared.text.identifiers.credit_codes import DEPARTMENTS

LAST = "\U0010ffff"
"""Sorts after every character there is."""
MOST_WALKED = 1000
"""Keys looked at per page: with a rare filter a page may have fewer rows than asked for, and still a next one."""
FIRST = 200
CODES = DEPARTMENTS.lower()
"""What a credit code begins with."""
RARE = 500
"""Counting goes so far; terms with more keys are all alike."""

Conditions = Sequence[ColumnElement[bool]]


class Place(NamedTuple):
    """Where a key stands in the order of results."""

    rank: int
    key: str
    organisation: UUID


def found_organisations(session: Session, question: str, *, conditions: Conditions, paging: PageRequest) -> Page:
    """Those that have every word of the question: by code, then by the beginning of a name, then by what is inside."""
    terms = terms_of(question)
    if not terms:
        return Page([], None, Total(0))
    after = Place(*read_cursor(paging.cursor, Integer(), Text(), Uuid())) if paging.cursor else None
    if after is not None and after.rank not in (CODE, BEGINS, INSIDE):
        raise cursor_invalid()
    driver = _rarest(session, terms)
    others = [term for term in terms if term != driver]
    # Spares reading rows whose only name does not hold a Chinese term anywhere.
    more_names = func.cardinality(Organisation.former_names) + func.jsonb_array_length(Organisation.predecessors)
    also = [or_(func.strpos(Organisation.folded, term) > 0, more_names > 0) for term in others if not term.isascii()]
    page = _Walk(session, driver, others, [*conditions, *also]).page(paging, after=after)
    return counted(page, paging, count=lambda: _total(session, terms, conditions=conditions))


def _total(session: Session, terms: Sequence[str], *, conditions: Conditions) -> Total:
    """How many have every term; what is longer than any key may be is about as many as begin alike."""
    keyed = [union_all(*(_keys(rank, term) for rank in _ranks(term))).subquery() for term in terms]
    among = [Organisation.id.in_(select(keys.c.organisation_id)) for keys in keyed]
    found = total(session, select(Organisation).where(*among, *conditions), key=[Organisation.id])
    return found if all(len(term) <= LONGEST for term in terms) else found._replace(is_=ABOUT)


def organisation_ids_of(session: Session, code: str) -> list[UUID]:
    """Organisations here with this credit code, their own or a predecessor's."""
    known = select(SearchKey.organisation_id).where(SearchKey.rank == CODE, SearchKey.key == code.lower())
    return list(session.scalars(known.order_by(SearchKey.organisation_id)))


def _rarest(session: Session, terms: Sequence[str]) -> str:
    if len(terms) == 1:
        return terms[0]

    def keys(term: str) -> int:
        some = (_keys(rank, term).limit(RARE).subquery() for rank in _ranks(term))
        return sum(session.scalar(select(func.count()).select_from(one)) or 0 for one in some)

    return min(terms, key=keys)


def _ranks(term: str) -> tuple[int, ...]:
    return (CODE, BEGINS, INSIDE) if term[0] in CODES else (BEGINS, INSIDE)


def _keys(rank: int, term: str) -> Select[int, str, UUID]:
    begin = term if rank == CODE else term[:LONGEST]
    within = SearchKey.key >= begin, SearchKey.key < begin + LAST
    return select(SearchKey.rank, SearchKey.key, SearchKey.organisation_id).where(SearchKey.rank == rank, *within)


@dataclass
class _Walk:
    """Along the keys that begin with `driver`, in order, keeping organisations that have all other terms too."""

    session: Session
    driver: str
    others: Sequence[str]
    conditions: Conditions
    seen: set[UUID] = field(default_factory=set)

    def page(self, paging: PageRequest, *, after: Place | None) -> Page:
        shown: list[Organisation] = []
        last = after
        walked = 0
        # Where not every key counts, small steps would only be more of them.
        first = FIRST if self.others or self.conditions else paging.limit + 1
        for batch in self._batches(after, size=first):
            # One text, not hundreds of parameters: the statement stays the same, and psycopg writes an array item by
            # item.
            listed = literal(",".join(key.hex for key in {place.organisation for place in batch} - self.seen))
            among = Organisation.id == any_(cast(func.string_to_array(listed, ","), ARRAY(Uuid())))
            found = self.session.scalars(select(Organisation).where(among, *self.conditions))
            rows = {row.id: row for row in found}
            for place in batch:
                row = rows.get(place.organisation)
                if row is not None and self._counts(row, place, resumed=after is not None):
                    if len(shown) == paging.limit:
                        return Page(shown, _write(last))
                    shown.append(row)
                last = place
            walked += len(batch)
            if walked >= MOST_WALKED:
                return Page(shown, _write(last))
        return Page(shown, None)

    def _counts(self, row: Organisation, place: Place, *, resumed: bool) -> bool:
        """Whether the row has every term and comes here for the first time, on this page and on those before it."""
        if row.id in self.seen:
            return False
        self.seen.add(row.id)
        state = state_of(row) if self.others or resumed or len(self.driver) > LONGEST else {}
        # Walking from the very beginning, the first key met is the first one there is.
        if (resumed or len(self.driver) > LONGEST) and best_key(state, self.driver) != (place.rank, place.key):
            return False
        return all(best_key(state, one) is not None for one in self.others)

    def _batches(self, after: Place | None, *, size: int) -> Iterator[list[Place]]:
        """Each is larger than the one before."""
        for rank in _ranks(self.driver):
            start = after if after is not None and after.rank == rank else None
            if after is not None and after.rank > rank:
                continue
            while batch := self._batch(_keys(rank, self.driver), start=start, size=size):
                yield batch
                if len(batch) < size:
                    break
                start, size = batch[-1], min(size * 4, 500)

    def _batch(self, keys: Select[int, str, UUID], *, start: Place | None, size: int) -> list[Place]:
        order = SearchKey.key, SearchKey.organisation_id
        if start is not None:
            keys = keys.where(tuple_(*order) > (start.key, start.organisation))
        return [Place(*found) for found in self.session.execute(keys.order_by(*order).limit(size))]


def _write(place: Place | None) -> str | None:
    return None if place is None else cursor_of(*place)
