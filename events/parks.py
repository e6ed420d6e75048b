"""What the parks service publishes about parks and the agreements they stand on."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from events.canonical import Json
from events.catalog import Change, event
from events.citing import Citing
from events.text import FreeText


@event("parks.park.drafted.v1", zh="起草园区", en="Park drafted")
class ParkDrafted(Citing):
    """A park exists as a draft that all its parties see."""

    name_zh: str
    kind: str


@event("parks.park.revised.v1", zh="修改园区信息", en="Park revised")
class ParkRevised(Change):
    """The description changed; `changes` holds the new values."""

    changes: dict[str, Json]


@event("parks.park.entry_rules_set.v1", zh="设定入园规则", en="Entry rules set")
class EntryRulesSet(Citing):
    """Whoever wants to settle in the park meets these standards from now on."""

    standards: tuple[UUID, ...]


@event(
    "parks.park.entry_rule_decided.v1", zh="处置依据标准的入园规则", en="Entry rule that cites a standard decided about"
)
class EntryRuleDecided(Citing):
    """A standard stopped counting, or counts again: the rule that cites it was suspended, removed or restored."""

    standard: UUID
    outcome: str
    consequence: UUID


@event("parks.park.negotiation_opened.v1", zh="开始协商协议", en="Negotiation opened")
class NegotiationOpened(Change):
    """A revision of the agreement is on the table; the first one takes the park out of its draft."""

    revision: int


@event("parks.park.agreed.v1", zh="协议已签署齐,园区待生效", en="All signed, the park begins on its day")
class ParkAgreed(Change):
    """The first agreement is signed by all for a day to come: the park is in force from then on."""

    revision: int
    effective_from: date


@event("parks.park.activated.v1", zh="协议生效,园区启动", en="Agreement in force, park active")
class ParkActivated(Change):
    """An agreement came into force and the park with it."""

    revision: int


@event("parks.park.suspended.v1", zh="暂停园区", en="Park suspended")
class ParkSuspended(Change):
    """A party has suspended the park."""

    reason: FreeText | None


@event("parks.park.consent_given.v1", zh="一方表示同意,尚待其他参与方", en="A party agreed; others are still missing")
class ConsentGiven(Change):
    """A party agrees to `action` (resume, dissolve or call_off); others are still missing."""

    action: str


@event("parks.park.resumed.v1", zh="各方同意,园区恢复", en="All parties agreed, park resumed")
class ParkResumed(Change):
    """All parties agreed; the park works again."""


@event("parks.park.consent_withdrawn.v1", zh="一方撤回同意", en="A party took its consent back")
class ConsentWithdrawn(Change):
    """A party agrees to `action` (dissolve) no more; others may still."""

    action: str


@event("parks.park.dissolution_proposed.v1", zh="提议解散园区", en="Dissolution proposed")
class DissolutionProposed(Change):
    """A party proposes to dissolve the park on a day, and agrees to it; all others are asked."""

    dissolves_on: date
    reason: FreeText | None


@event("parks.park.dissolution_started.v1", zh="各方同意,园区将于约定日解散", en="All agreed to dissolve it on a day")
class DissolutionStarted(Change):
    """All parties agreed; the park stays in force until the day `due_on` begins."""

    due_on: date


@event("parks.park.dissolution_called_off.v1", zh="各方同意撤销解散", en="All agreed to call the dissolution off")
class DissolutionCalledOff(Change):
    """The park goes on."""


@event("parks.park.withdrawn.v1", zh="撤回园区草案", en="Draft of a park withdrawn")
class ParkWithdrawn(Citing):
    """Whoever drafted it took it back, for good."""

    reason: FreeText | None


@event("parks.park.dissolved.v1", zh="园区解散", en="Park dissolved")
class ParkDissolved(Citing):
    """The park no longer exists."""


@event("parks.park.agreement_changed.v1", zh="新版协议开始适用", en="A new revision of the agreement applies")
class CurrentAgreementChanged(Change):
    """From now on this revision of the agreement counts."""

    revision: int


@event("parks.agreement.proposed.v1", zh="提出第 {revision} 版协议", en="Revision {revision} of the agreement proposed")
class AgreementProposed(Change):
    """A party proposed a revision of the agreement."""

    park: UUID
    revision: int
    content_hash: str


@event(
    "parks.agreement.amended.v1",
    zh="修改第 {revision} 版协议,已有签署失效",
    en="Revision {revision} amended, signatures void",
)
class AgreementAmended(Change):
    """The content changed: signatures given before are void."""

    content_hash: str
    voided: tuple[UUID, ...]


@event("parks.agreement.signed.v1", zh="签署第 {revision} 版协议", en="Revision {revision} signed")
class AgreementSigned(Change):
    """A party signed this content; others are still missing."""

    content_hash: str


@event(
    "parks.agreement.reminded.v1",
    zh="提醒签署第 {revision} 版协议",
    en="Reminder to sign revision {revision}",
)
class AgreementReminded(Change):
    """Signatures are missing, and the day by which to sign is near or has come."""

    sign_by: date


@event(
    "parks.agreement.agreed.v1",
    zh="各方签署完毕,第 {revision} 版协议将于约定日生效",
    en="All signed, revision {revision} takes effect on its day",
)
class AgreementAgreed(Change):
    """The last party signed the same content, whose day is still to come."""

    content_hash: str
    effective_from: date


@event("parks.agreement.in_force.v1", zh="第 {revision} 版协议生效", en="Revision {revision} in force")
class AgreementInForce(Change):
    """All have signed the same content, and its day has come."""

    content_hash: str


@event("parks.agreement.refused.v1", zh="拒绝第 {revision} 版协议", en="Revision {revision} refused")
class AgreementRefused(Change):
    """A party refused the revision."""

    reason: FreeText | None


@event("parks.agreement.withdrawn.v1", zh="撤回第 {revision} 版协议", en="Revision {revision} withdrawn")
class AgreementWithdrawn(Change):
    """The proposer took the revision back."""

    reason: FreeText | None = None


@event("parks.agreement.superseded.v1", zh="第 {revision} 版协议被新版取代", en="Revision {revision} superseded")
class AgreementSuperseded(Change):
    """A later revision took effect."""

    by_revision: int


@event(
    "parks.agreement.ended.v1", zh="园区解散,第 {revision} 版协议终止", en="Park dissolved, revision {revision} ended"
)
class AgreementEnded(Change):
    """The park was dissolved."""


@event("parks.card.issued.v1", zh="公开园区信息", en="Public card of a park issued")
class ParkCardIssued(Change):
    """Anybody sees from now on what this card says of a park that is in force."""


@event("parks.card.renewed.v1", zh="更新园区公开信息", en="Public card of a park renewed")
class ParkCardRenewed(Change):
    """The card changed with its park: suspended, resumed, or with other parties."""


@event("parks.card.recalled.v1", zh="撤回园区公开信息", en="Public card of a park recalled")
class ParkCardRecalled(Change):
    """The park has ended; the card's state names nothing."""
