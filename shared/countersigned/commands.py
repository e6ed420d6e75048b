"""What becomes of revisions: proposed, amended, signed, refused, withdrawn, agreed, in force, superseded, ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select

from events.canonical import plain
from events.catalog import Change
from events.entry import Actor
from events.text import FreeText
from shared.core.calendar import day_of, start_of
from shared.countersigned import revision as rules
from shared.countersigned import signing
from shared.countersigned.reminding import ask_to_sign, reminds
from shared.countersigned.rows import Revision, revision_nonce
from shared.database.prepared import Prepared
from shared.database.rows import Aggregate
from shared.files.citing import check_cited
from shared.journal.session import Session
from shared.journal.timers import schedule, timer

S = TypeVar("S", bound=Aggregate)
R = TypeVar("R", bound=Revision)
Event = Callable[..., Change]


@dataclass(frozen=True, kw_only=True)
class Revisions(Generic[S, R]):
    """One `kind` of revision, of which `subject` has several: its events, and what follows for the subject.

    A service declares it once and calls it from its commands, in which it checks the terms and whether the subject goes
    on. The events take: `proposed` the row; `amended` `content_hash` and `voided`; `signed`, `in_force` `content_hash`;
    `agreed` also `effective_from`; `refused`, `withdrawn` `reason`; `superseded` `by_revision`; `reminded` `sign_by`;
    `ended` nothing. `concluded(session, subject, revision=row)` is called once a revision is agreed, and once it is in
    force.
    """

    subject: type[S]
    kind: type[R]
    proposed: Callable[[R], Change]
    amended: Event
    signed: Event
    refused: Event
    withdrawn: Event
    agreed: Event
    in_force: Event
    superseded: Event
    ended: Event
    reminded: Event
    concluded: Callable[..., None]

    def __post_init__(self) -> None:
        reminds(self.kind.kind, self.reminded)

        @timer(self.takes_effect)
        def take_effect(session: Session, key: UUID, _params: Mapping[str, Any]) -> None:
            """The day has come; nothing happens if it has ended or was superseded by a later one meanwhile."""
            subject, row = self.locked(session, key)
            if row.state == "agreed":
                self._begin(session, subject, row=row, step="begin")

    @property
    def takes_effect(self) -> str:
        """The timer of a revision that all have signed for a day to come."""
        return f"{self.kind.kind}.take_effect"

    def locked(self, session: Session, key: UUID, *, action: str | None = None) -> tuple[S, R]:
        """A revision and its subject; raises `ConflictError` where its state does not allow the action.

        The subject's lock is always taken first, so that nobody waits in a circle.
        """
        subject = session.locked(self.subject, getattr(session.one(self.kind, key), self._column))
        row = session.locked(self.kind, key)
        if action is not None:
            self.kind.lifecycle.target(row.state, action)
        return subject, row

    def on_table(self, session: Session, subject: S) -> int | None:
        """The number of the revision of this subject that awaits signatures, if there is one."""
        session.flush()
        found = () if subject.stands_alone else self._proposed.rows(session, subject=subject.id)
        return found[0][0] if found else None

    @cached_property
    def _proposed(self) -> Prepared:
        subject = getattr(self.kind, self._column) == bindparam("subject", type_=Uuid())
        return Prepared(lambda: select(self.kind.revision).where(subject, self.kind.state == "proposed"))

    def signed_by_all(self, session: Session, subject: UUID) -> list[R]:
        """The current revision and any that is yet to take effect, locked, oldest first."""
        holding = self._of(subject), self.kind.state.in_(rules.SIGNED)
        keys = session.scalars(select(self.kind.id).where(*holding).order_by(self.kind.revision)).all()
        # Whoever signs last may have joined since, and be no party of an earlier one: its home ends that.
        home = Actor(session.context.tenant_id, session.context.actor_id)
        return [session.locked(self.kind, key, by=home) for key in keys]

    def propose(
        self, session: Session, subject: S, *, revision: int, content: Mapping[str, Any], sign_by: date | None
    ) -> R:
        """Put the next revision on the table; it is not signed by proposing it."""
        self._check_content(session, content, signers=len(subject.party_ids))
        row = session.create(
            self.kind,
            parties=subject.party_ids,
            nonce=revision_nonce(subject.id, revision),
            revision=revision,
            state=self.kind.lifecycle.initial,
            content_hash=self.kind.hash_of(content),
            proposer=session.context.party,
            signatures=[],
            refused_by=None,
            reason_digest=None,
            **{self._column: subject.id},
            **content,
        )
        ask_to_sign(session, row, by=sign_by)
        session.publish(row, self.proposed(row))
        return row

    def amend(self, session: Session, row: R, *, changes: Mapping[str, Any]) -> R:
        """Change the content; every signature given so far is void."""
        content = {name: changes.get(name, getattr(row, name)) for name in row.content}
        self._check_content(session, content, signers=len(row.signers), before=row)
        voided = signing.amend(row, self.kind.hash_of(content))
        for name, value in changes.items():
            setattr(row, name, value)
        session.publish(row, self.amended(content_hash=row.content_hash, voided=voided))
        return row

    def sign(self, session: Session, subject: S, *, row: R, content_hash: str) -> R:
        """Sign the content one has read; the last signature makes the revision hold, on its day."""
        row.party_ids = session.directory.staying(session, row.party_ids)
        if signing.sign(session, row, content_hash=content_hash):
            self.conclude(session, subject, row=row)
        else:
            session.publish(row, self.signed(content_hash=content_hash))
        return row

    def refuse(self, session: Session, key: UUID, *, reason: FreeText) -> R:
        """Refuse the revision; a new one can then be proposed."""
        _subject, row = self.locked(session, key, action="refuse")
        self.kind.lifecycle.move(row, "refuse")
        rules.check_refusal(session.context.party, row.proposer)
        row.refused_by, row.reason_digest = session.context.party, reason.digest
        session.publish(row, self.refused(reason=reason))
        return row

    def withdraw(self, session: Session, key: UUID, *, reason: FreeText) -> R:
        """Take one's own proposal back, for good, while nobody else has signed it."""
        _subject, row = self.locked(session, key, action="withdraw")
        self.kind.lifecycle.move(row, "withdraw")
        signed = [signature["tenant"] for signature in row.signatures]
        rules.check_withdrawal(session.context.party, row.proposer, signed=signed)
        row.reason_digest = reason.digest
        session.publish(row, self.withdrawn(reason=reason))
        return row

    def conclude(self, session: Session, subject: S, *, row: R) -> None:
        """All have signed: in force now, or agreed until its day."""
        day = row.effective_from
        if day <= day_of(session.clock.now()):
            self._begin(session, subject, row=row, step="conclude")
            return
        self.kind.lifecycle.move(row, "agree")
        session.publish(row, self.agreed(content_hash=row.content_hash, effective_from=day))
        schedule(session, self.takes_effect, aggregate=row.id, due_at=start_of(day))
        self.concluded(session, subject, revision=row)

    def go_on_without(self, session: Session, subject: S, *, row: R) -> None:
        """A party has left the platform: it holds if all who are left have signed."""
        left = session.directory.staying(session, row.party_ids)
        if not {str(tenant) for tenant in left} & set(row.missing_signatures):
            row.party_ids = left
            self.conclude(session, subject, row=row)

    def end_all(self, session: Session, subject: UUID) -> None:
        """What it is about has ended, and with it what all have signed."""
        for row in self.signed_by_all(session, subject):
            self.kind.lifecycle.move(row, "end")
            session.publish(row, self.ended())

    def _begin(self, session: Session, subject: S, *, row: R, step: str) -> None:
        """In force; the later will counts: earlier revisions end, also one for a day to come."""
        self.kind.lifecycle.move(row, step)
        session.publish(row, self.in_force(content_hash=row.content_hash))
        for earlier in self.signed_by_all(session, subject.id):
            if earlier.revision < row.revision:
                self.kind.lifecycle.move(earlier, "supersede")
                session.publish(earlier, self.superseded(by_revision=row.revision))
        self.concluded(session, subject, revision=row)

    def _check_content(
        self, session: Session, content: Mapping[str, Any], *, signers: int, before: R | None = None
    ) -> None:
        """It leaves room for every signature, and whoever cites a file holds it; raises `InvalidError`."""
        signing.check_room(plain(content), signers=signers)
        for name in self.kind.files:
            cited = () if before is None else getattr(before, name)
            check_cited(session, content[name], pointer=f"/{name}", before=cited)

    @property
    def _column(self) -> str:
        if self.kind.beside is None:
            raise TypeError(f"{self.kind.kind} does not say what it is about")
        return self.kind.beside.column

    def _of(self, subject: UUID) -> Any:
        return getattr(self.kind, self._column) == subject
