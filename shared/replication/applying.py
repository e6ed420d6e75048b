"""Replication: one tenant's copies advance version by version, exactly as their homes signed them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Text, bindparam, delete, select, tuple_

from events.entry import NOWHERE, Entry, Position
from events.envelope import decode
from events.foreign import MALFORMED
from shared.commands.execution import CLOCKS
from shared.commands.forwarding import EXPIRED, REFUSED, PendingCommand
from shared.core.log import logger
from shared.core.metrics import APPLIED
from shared.core.metrics import HELD as HELD_COUNT
from shared.database.prepared import AMONG_KEYS, HERE, Prepared
from shared.database.rows import AGGREGATES, Aggregate, state_columns
from shared.journal import entries
from shared.journal.entries import JournalRow
from shared.journal.progress import (
    APPLIED_CHANNEL,
    HELD,
    IN_STEP,
    PARKED,
    Progress,
    ProgressRow,
    note_home_progress,
    unknown,
    write_progress,
)
from shared.journal.reactions import Turn, note_reactions, turns_of
from shared.journal.session import Session
from shared.keys.directory import WrongSignatureError
from shared.keys.documents import check_commands
from shared.keys.verification import KeyUnknownError, VerifiedEntry, verify_entry
from shared.replication.progress import MOST_HELD, HeldRow, hold, progress_of
from shared.replication.rejected import FalseClaimError, ForkError
from shared.replication.replicas import write_replicas
from shared.replication.resync import ask_for_missing, may_wait_for_more


def apply_entries(session: Session, arrived: Sequence[VerifiedEntry], *, held: Sequence[UUID] = ()) -> list[Turn]:
    """Advance the session tenant by what has arrived (and what is `held` of these aggregates), in one transaction.

    Only the next version of an aggregate is applied: older or equal ones are ignored, newer ones held and asked for.
    Homes are told later (`confirm`). Returns which handlers have something to take in once this is committed. Raises
    `RejectedByPartyError`, and what the database cannot keep; the caller rolls back and parks the aggregate at fault.
    """
    here = session.context.tenant_id
    foreign = [verified for verified in arrived if verified.entry.home != here]
    written_here = [verified.entry for verified in arrived if verified.entry.home == here]
    turns = take_back(session, written_here) if written_here else []
    if not foreign and not held:
        return turns
    batch = _Batch(session, here, progress_of(session, {*held, *(verified.entry.aggregate for verified in foreign)}))
    for verified in foreign:
        batch.add(verified)
    if batch.waiting:
        hold(session, batch.waiting)
    for row in [row for row in batch.progress.values() if row.status == HELD]:
        batch.add_held(row)
    written = [verified for verified in batch.accepted if verified.entry.home != here]
    entries.keep(session, [(item.entry, item.signature, item.state, item.texts) for item in written])
    write_replicas(session, written)
    turns += note_reactions(session, [verified.entry for verified in batch.accepted])
    ask_for_missing(session, batch.progress.values())
    write_progress(session, batch.progress.values(), begun=batch.begun)
    session.wake(APPLIED_CHANNEL, str(here))
    for service, many in Counter(item.entry.aggregate_type.split(".")[0] for item in batch.accepted).items():
        APPLIED.labels(service).inc(many)
    return list(dict.fromkeys(turns))


def take_back(session: Session, entries: Sequence[Entry]) -> list[Turn]:
    """At home: what it wrote came back, for its handlers; returns whose turn it is.

    Publishing noted them, but for what code wrote that did not do so yet. Read without a lock: home's progress is
    written under the locks of its rows, in their order.
    """
    here, keys = session.context.tenant_id, {entry.aggregate for entry in entries}
    mine = ProgressRow.tenant_id == here, ProgressRow.aggregate_id.in_(keys)
    found = session.execute(select(ProgressRow.aggregate_id, ProgressRow.epoch, ProgressRow.version).where(*mine))
    noted = {key: Position(epoch, version) for key, epoch, version in found}
    missed = [entry for entry in entries if entry.position > noted.get(entry.aggregate, NOWHERE)]
    if missed:
        note_home_progress(session, {entry.aggregate: entry for entry in missed}.values())
        note_reactions(session, missed)
    return turns_of(entries, here)


_REACHED = tuple_(ProgressRow.tenant_id, ProgressRow.aggregate_id, ProgressRow.epoch, ProgressRow.version)
_AT = tuple_(JournalRow.tenant_id, JournalRow.aggregate_id, JournalRow.epoch, JournalRow.version)
STATES = Prepared(
    lambda: (
        select(JournalRow.aggregate_id, JournalRow.state)
        .join(ProgressRow, _AT == _REACHED)
        .where(
            ProgressRow.tenant_id == HERE,
            ProgressRow.aggregate_id == AMONG_KEYS,
            ProgressRow.kind == bindparam("kind", type_=Text()),
        )
    )
)


@dataclass
class _Batch:
    session: Session
    here: UUID
    """The session's tenant."""
    progress: dict[UUID, Progress]
    begun: set[UUID] = field(default_factory=set)
    """Of which nothing was here before."""
    accepted: list[VerifiedEntry] = field(default_factory=list)
    waiting: list[VerifiedEntry] = field(default_factory=list)
    states: dict[UUID, Mapping[str, Any]] = field(default_factory=dict)
    """Of guarded aggregates: the newest that was accepted."""
    loaded: set[str] = field(default_factory=set)
    """Guarded kinds whose states, as they were before this batch, have been read."""
    room: dict[UUID, int] = field(default_factory=dict)
    """By home: how many more aggregates may wait here of which nothing has come."""

    def add(self, verified: VerifiedEntry) -> None:
        """Accept it, keep it waiting, or pass over it."""
        entry = verified.entry
        row = self.progress.get(entry.aggregate)
        if row is None:
            if not self._may_begin(entry):
                return
            row = unknown(self.session, entry.aggregate, kind=entry.aggregate_type, home=entry.home)
            self.progress[entry.aggregate] = row
            self.begun.add(entry.aggregate)
        if entry.home != row.home_id and not self._belongs(row, entry):
            return
        if entry.position <= (row.epoch, row.version):
            return
        reason = None if row.status == PARKED else self._reason_to_wait(row, verified)
        if row.status != PARKED and reason is None:
            self._accept(row, verified)
            return
        row.wanted_version = max(row.wanted_version, entry.version)
        if row.status == IN_STEP and reason is not None:
            row.wait(HELD, reason, now=self.session.clock.now())
            HELD_COUNT.labels(entry.aggregate_type.split(".")[0]).inc()
        if entry.version <= row.version + MOST_HELD:
            self.waiting.append(verified)

    def _may_begin(self, entry: Entry) -> bool:
        """Whether an entry without anything before it may wait: a home makes a tenant wait only for so much."""
        if self.here in entry.joined or entry.version == 1:
            return True
        if entry.home not in self.room:
            self.room[entry.home] = may_wait_for_more(self.session, entry.home)
        self.room[entry.home] -= 1
        return self.room[entry.home] >= 0

    def _belongs(self, row: Progress, entry: Entry) -> bool:
        """Whether an entry of another home than the known one counts: only if the aggregate's id follows from it."""
        if entry.nonce is None:
            logger("replication").warning("stranger_ignored", aggregate=str(entry.aggregate), home=str(entry.home))
            return False
        # Whoever was heard of before could not prove it, so nothing of theirs was ever applied.
        row.home_id, row.wanted_version = entry.home, 0
        row.settle()
        self.session.execute(delete(HeldRow).where(HeldRow.aggregate_id == entry.aggregate))
        return True

    def _reason_to_wait(self, row: Progress, verified: VerifiedEntry) -> str | None:
        """Why the entry cannot follow what is here yet, None where it can; raises `ForkError` where it never will.

        Whoever is a party of what several sign stays one until it is known here, too, that it has left. Word of that
        comes another way and may come later; a home that lies waits for it in vain.
        """
        entry, kind = verified.entry, AGGREGATES.get(verified.entry.aggregate_type)
        if self.here not in entry.joined:
            if entry.position != (row.epoch, row.version + 1):
                return f"version {entry.version} came after version {row.version}"
            same = entry.home == row.home_id and entry.aggregate_type == row.kind
            if entry.previous != row.entry_hash or not same:
                raise ForkError(f"version {entry.version} does not continue version {row.version} as it is known here")
        kept = self.here in entry.left and kind is not None and kind.keeps_parties(verified.state)
        if kept and self.session.directory.staying(self.session, [self.here]):
            return f"version {entry.version} takes this tenant out, which is not known to have left"
        return None

    def _accept(self, row: Progress, verified: VerifiedEntry) -> None:
        """Come to this version, once what home says with it is verified; raises `FalseClaimError`."""
        entry, kind, now = verified.entry, AGGREGATES.get(verified.entry.aggregate_type), self.session.clock.now()
        if entry.actor.tenant == self.here:
            check_sent(self.session, verified)
        if kind is not None and kind.guarded:
            if entry.occurred_at > now + timedelta(seconds=CLOCKS):
                raise FalseClaimError(f"version {entry.version} is said to be of {entry.occurred_at}, which is to come")
            if kind.kind not in self.loaded:  # All of the batch at once: many come together.
                self.loaded.add(kind.kind)
                self.states |= self._states_of(kind)
            try:
                kind.check_next(entry, verified.state, before=self.states.get(entry.aggregate), here=self.here)
            except MALFORMED as error:
                raise FalseClaimError(f"version {entry.version}: {error}") from error
            self.states[entry.aggregate] = verified.state
        if self.here in entry.joined:
            row.since_version = entry.version
        row.epoch, row.version, row.entry_hash, row.applied_at = entry.epoch, entry.version, entry.hash, now
        row.asks, row.ask_at = 0, None
        self.accepted.append(verified)

    def _states_of(self, kind: type[Aggregate]) -> dict[UUID, Mapping[str, Any]]:
        """What is known of these now: the states of the entries that progress names."""
        known = [*self.progress.keys() - self.begun]
        found = STATES.rows(self.session, here=self.here, kind=kind.kind, keys=known) if known else ()
        absent = dict.fromkeys(state_columns(kind))
        return {key: {**absent, **state} for key, state in found}

    def add_held(self, row: Progress) -> None:
        """Continue with what was held of this aggregate, as far as it now fits."""
        for verified in held_arrivals(self.session, row):
            if verified.entry.home == self.here:
                # Held by code that ran handlers while it applied: they have not had it.
                self.accepted.append(verified)
                row.epoch, row.version = max(row.position, verified.entry.position)
            elif verified.entry.position > row.position and self._reason_to_wait(row, verified) is None:
                self._accept(row, verified)
        passed = (
            HeldRow.aggregate_id == row.aggregate_id,
            HeldRow.epoch == row.epoch,
            HeldRow.version <= row.version,
        )
        self.session.execute(delete(HeldRow).where(HeldRow.tenant_id == self.here, *passed))
        if row.version >= row.wanted_version:
            row.settle()


def check_sent(session: Session, verified: VerifiedEntry) -> None:
    """Raises `FalseClaimError` where the session tenant did not ask for what the entry says it did, or not this time.

    Home's own answer to the command says which versions came of it, so it serves for no later one.
    """
    entry = verified.entry
    tenant, order = session.context.tenant_id, entry.command
    if order is None or order["document"]["to"] != str(entry.home):
        raise FalseClaimError(f"version {entry.version} is said to be of {tenant} and carries no command of it")
    if (tenant, order) not in verified.commands:
        try:
            check_commands(session, session.directory, commands=[(tenant, order)])
        except WrongSignatureError as error:
            raise FalseClaimError(f"version {entry.version}: {error}") from error
    sent = session.get(PendingCommand, (tenant, UUID(order["document"]["id"])))
    if sent is None or sent.answer is None:
        return
    came_of_it = {UUID(item["aggregate"]): Position(item["epoch"], item["version"]) for item in sent.answer["results"]}
    is_other = sent.aggregate_id == entry.aggregate and sent.state in (REFUSED, EXPIRED)
    if is_other or entry.position > came_of_it.get(entry.aggregate, entry.position):
        raise FalseClaimError(f"version {entry.version} did not come of command {sent.id}, which was answered before")


def held_arrivals(session: Session, row: Progress) -> Iterable[VerifiedEntry]:
    """What waits behind `row`, in order, verified again."""
    waiting = HeldRow.tenant_id == row.tenant_id, HeldRow.aggregate_id == row.aggregate_id
    ordered = select(HeldRow.value).where(*waiting).order_by(HeldRow.epoch, HeldRow.version).limit(MOST_HELD)
    for value in session.scalars(ordered):
        try:
            yield verify_entry(session, session.directory, envelope=decode(value), value=value)
        except KeyUnknownError:
            return
