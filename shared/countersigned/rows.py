"""Columns of what several tenants sign, and what a party checks of each new version of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy.orm import Mapped

from events.canonical import Json
from events.entry import Entry
from shared.countersigned import revision as rules
from shared.countersigned.reminding import SignedBy
from shared.countersigned.signing import missing
from shared.countersigned.verifying import Claim, check_revision
from shared.database.rows import Aggregate
from shared.rules.duties import Duty, Wait
from shared.rules.lifecycle import Lifecycle
from shared.rules.signed_commands import Commands, command_behind, commands_of


class Countersigned(SignedBy, Aggregate):
    """A content that several tenants sign, by the command `<kind>.sign`; all parties, unless `signers` says otherwise.

    `content_hash` is the hash of what is signed, `signatures` have the shape that `signing.Signable` names, `proposer`
    put the content on the table. `refused_by` is set once it is refused, and `reason_digest` once anybody said why.
    """

    __abstract__ = True

    content_hash: Mapped[str]
    proposer: Mapped[UUID]
    signatures: Mapped[list[dict[str, Any]]]
    refused_by: Mapped[UUID | None]
    reason_digest: Mapped[str | None]

    @classmethod
    def hash_of(cls, content: Mapping[str, Any]) -> str:
        """The hash that is signed, of a state document or of the columns that it is made of."""
        raise NotImplementedError

    @property
    def signers(self) -> Sequence[UUID]:
        """Who has to sign."""
        return self.party_ids

    def asked_by(self, _action: str) -> UUID:
        """Whoever put it on the table."""
        return self.proposer

    @property
    def missing_signatures(self) -> list[str]:
        """Who has still to sign the current content, in their order."""
        return missing(self)

    @classmethod
    def commands_in(cls, entry: Entry, state: Mapping[str, Json]) -> Commands:
        """Who stands there as having signed has signed just this itself."""
        asked = f"{cls.kind}.sign", entry.aggregate
        return commands_of(state["signatures"], home=entry.home, asked=asked, content_hash=cls.hash_of(state))

    def wait_for_signatures(self, duty: Duty, *, since: datetime) -> Wait:
        """It waits for every signature that is missing."""
        parties = [UUID(tenant) for tenant in self.missing_signatures]
        return Wait(duty=duty, parties=parties, since=since, due=self.sign_due)


class Revision(Countersigned):
    """One revision of terms about something: once all have signed it holds, from its day until a later one does.

    Home and parties are those of what it is about, which its `beside` names. `content` are the columns that are signed.
    """

    __abstract__ = True
    guarded = True
    lifecycle: ClassVar[Lifecycle]
    content: ClassVar[tuple[str, ...]]

    revision: Mapped[int]
    state: Mapped[str]
    effective_from: Mapped[date]

    @classmethod
    def commands_in(cls, entry: Entry, state: Mapping[str, Json]) -> Commands:
        """Who has signed it, and who is said to have refused or withdrawn it, has asked for that itself."""
        verb = {"refused": "refuse", "withdrawn": "withdraw"}.get(entry.type.split(".")[2])
        given_up = () if verb is None else command_behind(entry)
        if any(command["document"]["name"] != f"{cls.kind}.{verb}" for _tenant, command in given_up):
            raise ValueError("whoever is said to have refused or withdrawn it asked for something else")
        return [*super().commands_in(entry, state), *given_up]

    @classmethod
    def keeps_parties(cls, _state: Mapping[str, Json]) -> bool:
        """All who have to sign."""
        return True

    @classmethod
    def check_next(cls, entry: Entry, state: Mapping[str, Json], *, before: Json, here: UUID) -> None:  # noqa: ARG003
        """Agreed when all have signed who are parties then, in force on its day, and the same from then on."""
        # Whoever joins where it holds already is no signer, and does not know who had to be.
        knows_all = before is not None or entry.version == 1
        signers = entry.parties if knows_all else ()
        check_revision(Claim.of(entry), state, before=before, lifecycle=cls.lifecycle, signers=signers)

    def allowed_actions(self, tenant: UUID, *, can_hold: bool) -> tuple[str, ...]:
        """What a person of this party may do to it now; `can_hold`: what it is about still goes on."""
        if tenant not in self.party_ids:
            return ()
        signed = [signature["tenant"] for signature in self.signatures]
        return rules.allowed_actions(
            self.state, can_hold=can_hold, tenant=tenant, proposer=self.proposer, signed=signed
        )


def revision_nonce(subject: UUID, revision: int) -> str:
    """What makes the id of a revision follow from its subject and number."""
    return f"{subject}/{revision}"
