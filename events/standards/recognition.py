"""What happens to recognition between tenants, and what follows when something stops counting."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from events.catalog import Change, event
from events.text import FreeText


@event("standards.recognition.proposed.v1", zh="提出互认", en="Recognition proposed")
class RecognitionProposed(Change):
    """A tenant proposes to recognise what another issues, or that both do."""

    mutual: bool


@event("standards.recognition.edition_proposed.v1", zh="提出新版互认清单", en="New edition of the list proposed")
class RecognitionEditionProposed(Change):
    """A new list of recognised documents is on the table; the one before counts until then."""

    edition: int


@event("standards.recognition.agreed.v1", zh="一方同意互认", en="A party agreed")
class RecognitionAgreed(Change):
    """One party acted; the other is still missing."""

    edition: int


@event("standards.recognition.reminded.v1", zh="提醒同意互认清单", en="Reminder to agree to the list")
class RecognitionReminded(Change):
    """Agreement is missing, and the day by which to agree is near or has come."""

    sign_by: date


@event("standards.recognition.in_force.v1", zh="互认生效", en="Recognition in force")
class RecognitionInForce(Change):
    """Its list counts from `since` on, as one."""

    edition: int
    since: datetime


@event("standards.recognition.begun.v1", zh="互认开始实施", en="Recognition begun")
class RecognitionBegun(Change):
    """The day that was agreed on has come: from now on this edition of the list counts."""

    edition: int


@event("standards.recognition.suspended.v1", zh="暂停互认", en="Recognition suspended")
class RecognitionSuspended(Change):
    """It does not count for now, on either side."""

    reason: FreeText | None


@event("standards.recognition.resumed.v1", zh="恢复互认", en="Recognition resumed")
class RecognitionResumed(Change):
    """It counts again from now on."""


@event("standards.recognition.end_set.v1", zh="定于某日终止互认", en="Recognition to end")
class RecognitionEndSet(Change):
    """A party decided that `last_day` is the last on which it counts."""

    last_day: date
    reason: FreeText | None


@event("standards.recognition.ended.v1", zh="互认终止", en="Recognition ended")
class RecognitionEnded(Change):
    """It counts no more, on either side."""

    reason: FreeText | None


@event("standards.recognition.restored.v1", zh="更正:互认恢复", en="Correction: recognition restored")
class RecognitionRestored(Change):
    """Its suspension or end was a mistake: it counts as if that had not been."""

    reason: FreeText | None


@event("standards.recognition.objected.v1", zh="提出异议", en="Objection raised")
class RecognitionObjected(Change):
    """A party objects; the other answers until the end of `answer_by`."""

    objection: int
    reason: FreeText | None
    answer_by: date


@event("standards.recognition.objection_answered.v1", zh="答复异议", en="Objection answered")
class RecognitionObjectionAnswered(Change):
    """The objection has its answer."""

    objection: int
    answer: FreeText | None


@event("standards.recognition.objection_lapsed.v1", zh="异议逾期未答复", en="Objection left unanswered")
class RecognitionObjectionLapsed(Change):
    """Its term is over without an answer: a proposal ends, what was in force is suspended."""

    objection: int


@event("standards.consequence.opened.v1", zh="出现需处置的关联事项", en="A dependant is to be dealt with")
class ConsequenceOpened(Change):
    """Something here rests on what stopped counting (or counts again); it is to be dealt with until `due_on`.

    Told of one that lapsed, too, when its cause stops (or counts) once more.
    """

    purpose: str
    cause: UUID
    due_on: date


@event("standards.consequence.escalated.v1", zh="逾期升级", en="Escalated")
class ConsequenceEscalated(Change):
    """The term is over and nobody has dealt with it."""

    escalations: int


@event("standards.consequence.closed.v1", zh="处置完毕", en="Dealt with")
class ConsequenceClosed(Change):
    """`outcome` is kept, suspended, removed or restored; its service does the rest to the dependant."""

    outcome: str
    dependant_kind: str
    dependant: UUID
    reference: str
    reason: FreeText | None


@event("standards.consequence.lapsed.v1", zh="原因已更正,无需处置", en="Nothing to do: the cause was corrected")
class ConsequenceLapsed(Change):
    """The cause was corrected before it was dealt with."""
