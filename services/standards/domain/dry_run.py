"""What would have been answered, had a recognition been in force or not: suppositions, and what they would change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol
from uuid import UUID

from events.canonical import instant, plain
from services.standards.domain.checking import Evidence, Knowledge, Proof, Question, counts, judge

MOST_SHOWN = 100
NOBODY = UUID(int=0)


class Supposition(Protocol):
    """Changes what was known at a moment."""

    def apply(self, evidence: Evidence, *, known_at: datetime) -> Evidence:
        """The evidence as it would have been."""


@dataclass(frozen=True)
class InForce:
    """A recognition had been known and in force since a moment, with its items."""

    known: Knowledge
    since: datetime

    @classmethod
    def between(
        cls, recogniser: UUID, recognised: UUID, *, items: Sequence[Mapping[str, object]], mutual: bool, since: datetime
    ) -> InForce:
        """The recognition as its home would have published it."""
        held = [{**plain(item), "from": instant(since), "until": None} for item in items]
        state = {
            "recogniser": str(recogniser),
            "recognised": str(recognised),
            "mutual": mutual,
            "items": held,
            "spells": [{"state": "in_force", "from": instant(since)}],
        }
        return cls(Knowledge(state, Proof(NOBODY, 1, 1, "", since)), since)

    def apply(self, evidence: Evidence, *, known_at: datetime) -> Evidence:
        """With it, for whoever asked about what was known from then on."""
        if known_at < self.since:
            return evidence
        known = [*evidence.recognitions, self.known]
        return replace(evidence, recognitions=known)


@dataclass(frozen=True)
class NotBeen:
    """A recognition that there is had never been."""

    recognition: UUID

    def apply(self, evidence: Evidence, *, known_at: datetime) -> Evidence:  # noqa: ARG002 - as the other supposition
        """Without it, whenever it was asked."""
        known = [one for one in evidence.recognitions if one.proof.id != self.recognition]
        return replace(evidence, recognitions=known)


@dataclass(frozen=True, kw_only=True)
class Past:
    """A check of the past: what was asked, what was known, what was answered."""

    id: int
    number: str
    asked_for: str | None
    asked_at: datetime
    known_at: datetime
    question: Question
    evidence: Evidence
    counted: bool

    @property
    def standard(self) -> UUID | None:
        """The standard that the certificate was issued under."""
        certificate = self.evidence.certificate
        return None if certificate is None else UUID(str(certificate.state["standard_id"]))


@dataclass
class Tally:
    """How many answers would have been different."""

    to_yes: int = 0
    to_no: int = 0

    def add(self, *, after: bool) -> None:
        """One more."""
        self.to_yes, self.to_no = self.to_yes + after, self.to_no + (not after)

    @property
    def would_differ(self) -> int:
        """Both ways."""
        return self.to_yes + self.to_no


@dataclass
class Outcome:
    """What came of a dry run so far."""

    examined: int = 0
    not_reproduced: int = 0
    whole: Tally = field(default_factory=Tally)
    by_standard: dict[UUID | None, Tally] = field(default_factory=dict)
    differing: list[Past] = field(default_factory=list)

    def take(self, past: Past, supposition: Supposition) -> None:
        """Ask one check again, under the supposition; a difference counts when it is the supposition that makes it."""
        self.examined += 1
        supposed = supposition.apply(past.evidence, known_at=past.known_at)
        after = counts(judge(past.question, supposed))
        if after == past.counted:
            return
        if after is None or counts(judge(past.question, past.evidence)) != past.counted:
            self.not_reproduced += 1
            return
        self.whole.add(after=after)
        self.by_standard.setdefault(past.standard, Tally()).add(after=after)
        if len(self.differing) < MOST_SHOWN:
            self.differing.append(past)
