"""What the organisations service publishes: the life of an organisation, and of its public card."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from events.canonical import Json
from events.catalog import Change, event
from events.citing import Citing
from events.text import FreeText


@event("organisations.organisation.registered.v1", zh="登记机构", en="Organisation registered")
class OrganisationRegistered(Citing):
    """A tenant, its home from now on, registered an organisation."""

    code: str
    kind: str


@event("organisations.organisation.revised.v1", zh="修改机构信息", en="Organisation revised")
class OrganisationRevised(Change):
    """The description changed; `changes` holds the new values."""

    changes: dict[str, Json]


@event("organisations.organisation.qualified.v1", zh="登记资质", en="Qualification recorded")
class OrganisationQualified(Citing):
    """It holds a qualification, new or with other dates than before."""

    name: str
    valid_to: date | None


@event("organisations.organisation.qualification_withdrawn.v1", zh="撤销资质", en="Qualification withdrawn")
class QualificationWithdrawn(Citing):
    """It no longer holds a qualification."""

    name: str
    number: str | None


@event("organisations.organisation.qualification_expired.v1", zh="资质到期", en="Qualifications expired")
class QualificationExpired(Citing):
    """The last day of these qualifications is over."""

    names: tuple[str, ...]


@event(
    "organisations.organisation.qualification_decided.v1",
    zh="处置依据证书的资质",
    en="Qualifications that rest on a certificate decided about",
)
class QualificationDecided(Citing):
    """A certificate stopped counting, or counts again: what rests on it was suspended, withdrawn or restored."""

    names: tuple[str, ...]
    certificate: str
    outcome: str
    consequence: UUID


@event("organisations.organisation.joined.v1", zh="加入联盟或集群", en="Alliance or cluster joined")
class AllianceJoined(Change):
    """It became a member of an alliance or a cluster."""

    kind: str
    name: str


@event("organisations.organisation.membership_ended.v1", zh="退出联盟或集群", en="Alliance or cluster left")
class AllianceLeft(Change):
    """Its membership of an alliance or a cluster ended."""

    kind: str
    name: str
    until: date


@event("organisations.organisation.suspended.v1", zh="暂停机构", en="Organisation suspended")
class OrganisationSuspended(Change):
    """It may not act for now."""

    reason: FreeText | None


@event("organisations.organisation.reactivated.v1", zh="恢复机构", en="Organisation reactivated")
class OrganisationReactivated(Change):
    """It may act again."""


@event("organisations.organisation.closed.v1", zh="注销机构", en="Organisation closed")
class OrganisationClosed(Citing):
    """It no longer exists, and has no successor."""

    reason: FreeText | None


@event("organisations.organisation.merged.v1", zh="并入其他机构", en="Organisation merged into another")
class OrganisationMerged(Citing):
    """It has become part of `successor`."""

    successor: UUID
    successor_code: str


@event("organisations.organisation.absorbed.v1", zh="吸收合并其他机构", en="Another organisation absorbed")
class OrganisationAbsorbed(Change):
    """Another organisation has become part of it; its code finds this one from now on."""

    predecessor: UUID
    code: str


@event("organisations.organisation.introduced.v1", zh="介绍给其他辖区", en="Introduced to another tenant")
class OrganisationIntroduced(Change):
    """A tenant in which it takes part holds its card from now on."""

    tenant: UUID


@event("organisations.organisation.withdrawn.v1", zh="不再参与某辖区", en="Withdrawn from a tenant")
class OrganisationWithdrawn(Change):
    """It takes part in a tenant no longer; the copy there stays as it was with this entry."""

    tenant: UUID


@event("organisations.organisation.published.v1", zh="公开机构名片", en="Card made public")
class OrganisationPublished(Change):
    """Its card is public on the whole platform."""


@event("organisations.organisation.concealed.v1", zh="不再公开机构名片", en="Card no longer public")
class OrganisationConcealed(Change):
    """Its card is seen by its parties alone."""


@event("organisations.card.issued.v1", zh="发布公开名片", en="Public card issued")
class CardIssued(Change):
    """Everybody sees this card, as its state says, from now on."""


@event("organisations.card.renewed.v1", zh="更新公开名片", en="Public card renewed")
class CardRenewed(Change):
    """The card changed with its organisation."""


@event("organisations.card.recalled.v1", zh="撤回公开名片", en="Public card recalled")
class CardRecalled(Change):
    """The card answers no longer; its state names nothing."""


@event("organisations.application.opened.v1", zh="开始申请", en="Application opened")
class ApplicationOpened(Change):
    """An organisation is to ask its tenant for something: `purpose` is registration or qualification."""

    purpose: str
    organisation: UUID


@event("organisations.application.revised.v1", zh="修改申请", en="Application revised")
class ApplicationRevised(Change):
    """What is asked for, or proves it, changed."""

    fields: tuple[str, ...]


@event("organisations.application.submitted.v1", zh="提交申请", en="Application submitted")
class ApplicationSubmitted(Change):
    """It is the tenant's turn."""


@event("organisations.application.returned.v1", zh="退回补正", en="Application returned")
class ApplicationReturned(Change):
    """Something is to be mended before it is decided."""

    reason: FreeText | None


@event("organisations.application.approved.v1", zh="批准申请", en="Application approved")
class ApplicationApproved(Change):
    """The organisation was registered, or the qualification recorded, by the same act."""


@event("organisations.application.refused.v1", zh="不予批准", en="Application refused")
class ApplicationRefused(Change):
    """Nothing comes of it."""

    reason: FreeText | None


@event("organisations.application.withdrawn.v1", zh="撤回申请", en="Application withdrawn")
class ApplicationWithdrawn(Change):
    """It is asked for no longer."""
