"""What happens to standards: projects, consultations, comments, and the standards that come of them."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from events.catalog import Change, event
from events.text import FreeText


@event("standards.project.opened.v1", zh="立项", en="Project opened")
class ProjectOpened(Change):
    """A standard is to be drafted by one tenant or by several together."""

    title_zh: str
    kind: str


@event("standards.project.revised.v1", zh="修改草案", en="Draft revised")
class ProjectRevised(Change):
    """The draft changed; signatures given before are void."""

    fields: tuple[str, ...]
    content_hash: str
    voided: tuple[UUID, ...]


@event("standards.project.numbered.v1", zh="登记本方项目号与标准号", en="A party named its project and number")
class ProjectNumbered(Change):
    """A tenant entered its own project and the number under which it will issue the text."""

    number: str
    project: str


@event("standards.project.consultation_opened.v1", zh="公开征求意见", en="Public consultation opened")
class ProjectConsultationOpened(Change):
    """The draft is public and may be commented on until the end of `closes_on`."""

    round: int
    closes_on: date


@event("standards.project.consultation_closed.v1", zh="征求意见截止", en="Consultation closed")
class ProjectConsultationClosed(Change):
    """No more comments; those received are answered before the text is signed."""

    round: int


@event("standards.project.presented.v1", zh="提交各方签署", en="Presented for signature")
class ProjectPresented(Change):
    """The text is on the table for signature by every issuing tenant."""

    content_hash: str


@event("standards.project.signed.v1", zh="签署标准文本", en="Text signed")
class ProjectSigned(Change):
    """A tenant signed this content; others are still missing."""

    content_hash: str


@event("standards.project.reminded.v1", zh="提醒签署标准文本", en="Reminder to sign the text")
class ProjectReminded(Change):
    """Signatures are missing, and the day by which to sign is near or has come."""

    sign_by: date


@event("standards.project.refused.v1", zh="拒绝签署,退回起草", en="Refused, back to drafting")
class ProjectRefused(Change):
    """A tenant refused the text: it goes back to drafting."""

    reason: FreeText | None


@event("standards.project.released.v1", zh="各方签署完毕,标准发布", en="All signed, standard released")
class ProjectReleased(Change):
    """The last tenant signed the same content: the standard is released everywhere by one entry."""

    standard: UUID
    content_hash: str


@event("standards.project.abandoned.v1", zh="终止项目", en="Project abandoned")
class ProjectAbandoned(Change):
    """Nothing will come of it."""

    reason: FreeText | None


@event("standards.consultation.opened.v1", zh="公开征求意见", en="Consultation opened")
class ConsultationOpened(Change):
    """Everybody may read the draft and comment on it."""


@event("standards.consultation.closed.v1", zh="征求意见截止", en="Consultation closed")
class ConsultationClosed(Change):
    """The term for comments is over."""


@event("standards.comment.made.v1", zh="提出意见", en="Comment made")
class CommentMade(Change):
    """A party, or somebody of the public, commented on a draft."""

    text: FreeText | None
    clause: str | None


@event("standards.comment.answered.v1", zh="答复意见", en="Comment answered")
class CommentAnswered(Change):
    """What became of the comment, and why."""

    verdict: str
    answer: FreeText | None


@event("standards.standard.released.v1", zh="发布标准", en="Standard released")
class StandardReleased(Change):
    """The text exists under the numbers of all its issuers; it is in force from `effective_from`."""

    content_hash: str
    effective_from: date


@event("standards.standard.in_force.v1", zh="标准实施", en="Standard in force")
class StandardInForce(Change):
    """The day has come."""


@event("standards.standard.withdrawal_agreed.v1", zh="一方同意废止", en="An issuer agreed to withdraw")
class StandardWithdrawalAgreed(Change):
    """One of several issuers agrees to withdraw the standard; others are still missing."""

    effective_on: date
    reason: FreeText | None = None


@event("standards.standard.withdrawal_set.v1", zh="定于某日废止或被代替", en="To be withdrawn or superseded")
class StandardEndSet(Change):
    """It ends at the beginning of `effective_on`."""

    state: str
    effective_on: date
    reason: FreeText | None


@event("standards.standard.ended.v1", zh="标准废止或被代替", en="Standard withdrawn or superseded")
class StandardEnded(Change):
    """It stopped counting; `state` is withdrawn or superseded."""

    state: str


@event("standards.standard.restoration_agreed.v1", zh="一方同意恢复", en="An issuer agreed to restore")
class StandardRestorationAgreed(Change):
    """One of several issuers says that the end of the standard was a mistake; others are still missing."""

    reason: FreeText | None


@event("standards.standard.restored.v1", zh="更正:标准恢复有效", en="Correction: standard restored")
class StandardRestored(Change):
    """Its end was a mistake: it counts as if it had not ended."""

    reason: FreeText | None
