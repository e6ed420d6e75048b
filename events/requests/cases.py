"""What the requests service publishes: service items, and cases filed in one jurisdiction and handled in another."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from events.canonical import Json
from events.catalog import Change, event
from events.text import FreeText


@event("requests.item.drafted.v1", zh="起草服务事项", en="Service item drafted")
class ItemDrafted(Change):
    """A service item exists; nobody can ask for it yet."""

    code: str


@event("requests.item.revised.v1", zh="修改服务事项", en="Service item revised")
class ItemRevised(Change):
    """The item changed; `changes` holds the new values. Cases that were filed keep the sheet they were filed by."""

    changes: dict[str, Json]
    edition: int


@event("requests.item.opened.v1", zh="开放服务事项", en="Service item opened")
class ItemOpened(Change):
    """It can be asked for from now on."""

    code: str


@event("requests.item.closed.v1", zh="停办服务事项", en="Service item closed")
class ItemClosed(Change):
    """It can be asked for no more; cases that were filed go on."""

    reason: str


@event("requests.case.drafted.v1", zh="填写申请", en="Application begun")
class CaseDrafted(Change):
    """Somebody fills in an application; nobody but their own tenant knows of it."""

    item: UUID
    applicant: FreeText
    answers: FreeText


@event("requests.case.revised.v1", zh="修改申请", en="Application changed")
class CaseRevised(Change):
    """The application that is not filed yet changed, in these fields."""

    fields: tuple[str, ...]
    applicant: FreeText | None = None
    answers: FreeText | None = None


@event("requests.case.filed.v1", zh="提交申请", en="Case filed")
class CaseFiled(Change):
    """The case has its number, and waits for the handler to accept it, who is told what the draft has told."""

    number: str
    handler: UUID
    applicant: FreeText | None
    answers: FreeText | None


@event("requests.case.returned.v1", zh="一次告知补正", en="Papers asked for")
class CaseReturned(Change):
    """All that is missing is named, once; the applicant has until `answer_by`."""

    missing: tuple[str, ...]
    reason: FreeText
    answer_by: date | None


@event("requests.case.supplemented.v1", zh="提交补正", en="Papers supplied")
class CaseSupplemented(Change):
    """What was asked for is there; the term for acceptance begins anew."""

    applicant: FreeText | None = None
    answers: FreeText | None = None


@event("requests.case.forwarded.v1", zh="转办", en="Case forwarded")
class CaseForwarded(Change):
    """It is not the handler's to decide; `to` is the right body."""

    to: UUID
    reason: FreeText
    applicant: FreeText | None
    answers: FreeText | None
    kind: str | None = None


@event("requests.case.assigned.v1", zh="协调单位确定承办方", en="Handler decided by the coordinator")
class CaseAssigned(Change):
    """After too many forwards the coordinator has decided who handles it; that is final."""

    to: UUID
    reason: FreeText
    applicant: FreeText | None
    answers: FreeText | None


@event("requests.case.accepted.v1", zh="受理", en="Case accepted")
class CaseAccepted(Change):
    """The term for the answer runs; `by_silence` where nobody said anything within the term for acceptance."""

    by_silence: bool


@event("requests.case.paused.v1", zh="计时暂停", en="Clock stopped")
class CasePaused(Change):
    """The term stands still on this legal ground; `owner` answers for the days."""

    ground: str
    owner: str
    reason: FreeText


@event("requests.case.resumed.v1", zh="恢复计时", en="Clock resumed")
class CaseResumed(Change):
    """The term goes on."""


@event("requests.case.extended.v1", zh="延长期限", en="Term extended")
class CaseExtended(Change):
    """So many days more, approved by the head of the handling body, with the reason told to the applicant."""

    days: int
    reason: FreeText


@event("requests.case.overdue.v1", zh="逾期", en="Case overdue")
class CaseOverdue(Change):
    """The term is over and nothing follows from silence: the owner of the days has to act, and its superior is told."""

    clock: str
    due_on: date
    owner: str


@event("requests.case.due_changed.v1", zh="期限重新计算", en="Due date computed anew")
class CaseDueChanged(Change):
    """A calendar of working days was published or revised, so the last day is another one, or provisional no more."""

    due_on: date | None
    was_due_on: date | None


@event("requests.case.split.v1", zh="分办", en="Case split into parts")
class CaseSplit(Change):
    """The handler leads, and gives a part of the case to each in `to`, with the task at the same place in `tasks`."""

    to: tuple[UUID, ...]
    tasks: tuple[FreeText, ...]
    applicant: FreeText | None
    answers: FreeText | None


@event("requests.case.part_finished.v1", zh="完成一项分办", en="Part of the case done")
class CasePartFinished(Change):
    """One authority has done its part; others are not done yet."""

    part: int
    result: FreeText


@event("requests.case.merged.v1", zh="分办全部完成,合并办理", en="Last part done, the case is whole again")
class CaseMerged(Change):
    """The last part is done, too: the case goes back to its handler as a whole, to be decided."""

    part: int
    result: FreeText


@event("requests.case.part_handed_back.v1", zh="退回一项分办", en="Part of the case handed back")
class CasePartHandedBack(Change):
    """The part is not this authority's to do: the handler has to give it to the right one."""

    part: int
    reason: FreeText


@event("requests.case.part_readdressed.v1", zh="改派一项分办", en="Part of the case given to another")
class CasePartReaddressed(Change):
    """The handler has given the part to `to`, who is told what the others were told."""

    part: int
    to: UUID
    reason: FreeText
    task: FreeText | None
    applicant: FreeText | None
    answers: FreeText | None


@event("requests.case.date_proposed.v1", zh="提出答复日期", en="Date for the answer proposed")
class CaseDateProposed(Change):
    """One side, `applicant` or `handler`, proposes a day; the legal term stays as it is."""

    by: str
    on: date
    reason: FreeText


@event("requests.case.date_agreed.v1", zh="约定答复日期", en="Date for the answer agreed")
class CaseDateAgreed(Change):
    """The other side agrees to the day that was proposed."""

    on: date


@event("requests.case.decided.v1", zh="作出决定", en="Case decided")
class CaseDecided(Change):
    """Approved or refused; a refusal names its legal ground and the remedy."""

    outcome: str
    reason: FreeText
    by_silence: bool


@event("requests.case.delivered.v1", zh="送达", en="Decision delivered")
class CaseDelivered(Change):
    """The applicant has the decision."""


@event("requests.case.closed.v1", zh="办结", en="Case closed")
class CaseClosed(Change):
    """Nothing is left to do; `by_term` where the applicant said nothing within the term."""

    by_term: bool


@event("requests.case.reopened.v1", zh="重新办理", en="Case reopened")
class CaseReopened(Change):
    """The applicant is not content; it is handled again, by another unit."""

    reason: FreeText


@event("requests.case.withdrawn.v1", zh="撤回申请", en="Case withdrawn")
class CaseWithdrawn(Change):
    """The applicant wants it no more, or has not answered within the term (`by_silence`)."""

    by_silence: bool


@event("requests.case.rated.v1", zh="评价", en="Case rated")
class CaseRated(Change):
    """The applicant, or the handler of its home's part, says how it went: 1 to 5, once."""

    rated_by: str
    score: int
    reason: FreeText


@event("requests.case.replied.v1", zh="回复评价", en="Rating answered")
class CaseReplied(Change):
    """The side that was rated answers, once."""

    rated_by: str
    reply: FreeText


@event("requests.refusal.repeated.v1", zh="同类拒绝多次出现", en="The same refused again and again")
class RefusalRepeated(Change):
    """`handler` has refused the same for the third time, the sixth and so on, to the tenant where cases were filed.

    `kind` is `decided` or `forwarded`, `ground` the legal ground or the kind of reason.
    """

    handler: UUID
    item: UUID
    kind: str
    ground: str
    times: int


@event("requests.message.sent.v1", zh="办件沟通", en="Message sent")
class MessageSent(Change):
    """Somebody wrote in the thread of a case, asked something there (in `english`, too), or answered a message."""

    case: UUID
    text: FreeText
    english: FreeText | None = None
    answers: UUID | None = None
