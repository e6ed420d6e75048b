"""Routes of the question whether a certificate counts, and of the dry run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from services.standards.api.routes import routes
from services.standards.commands import checks as commands
from services.standards.domain.checking import Reason
from services.standards.domain.dry_run import InForce, NotBeen, Supposition
from services.standards.domain.reasons import sentence
from services.standards.domain.recognition import Asked
from services.standards.domain.scopes import READ
from services.standards.models import Recognition
from services.standards.queries import checking
from services.standards.queries.checking import CheckAnswer, Inquiry
from services.standards.queries.dry_run import DryRun, dry_run
from services.standards.schemas import checking as schemas
from shared.core.calendar import day_of, start_of
from shared.core.errors import Fault, InvalidError
from shared.http.declarations import Resource
from shared.http.resources import ResourceView
from shared.journal.session import Session

ASK_THERE = (
    "该辖区认可什么,只有它自己知道。请向其查询,或不指定辖区,查询本辖区。",
    "What that tenant recognises is known to it alone. Ask it, or leave `in` out to ask about your own.",
)


def present_answers(_session: Session, rows: Sequence[CheckAnswer]) -> list[dict[str, Any]]:
    """What the view of one answer shows."""
    return [{**_described(row), "asked_for": row.inquiry.asked_for, "chain": _chain(row.chain)} for row in rows]


def _described(row: CheckAnswer) -> dict[str, Any]:
    asked = row.inquiry
    until = None if row.horizon is None else row.horizon.until
    known = {"known_at": row.known_at, "up_to_date": row.horizon is None, "known_until": until}
    return {"certificate": asked.number, "tenant": asked.tenant, "as_of": row.as_of, **known, "counts": row.counts}


def _chain(chain: Sequence[Reason]) -> list[dict[str, Any]]:
    return [{**vars(reason), "message": vars(sentence(reason))} for reason in chain]


def present_results(_session: Session, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What the view of many answers shows."""
    documents = []
    for made in rows:
        results = []
        for index, row in enumerate(made["answers"]):
            first = row.first
            code, message = (None, None) if first is None else (first.code, vars(sentence(first)))
            if row.is_elsewhere:
                code, message = "ask_there", dict(zip(("zh", "en"), ASK_THERE, strict=True))
            chain = _chain(row.chain) if made["chain"] else None
            results.append({"index": index, **_described(row), "code": code, "message": message, "chain": chain})
        documents.append({"results": results})
    return documents


def present_dry_runs(_session: Session, rows: Sequence[DryRun]) -> list[dict[str, Any]]:
    """What the view of a dry run shows."""
    return [
        {
            "since": row.since,
            "complete": row.complete,
            "examined": row.outcome.examined,
            "not_reproduced": row.outcome.not_reproduced,
            **_counted(row.outcome.whole),
            "by_standard": [{"standard": key, **_counted(tally)} for key, tally in row.outcome.by_standard.items()],
            "differing": [
                {
                    **vars(past),
                    "certificate": past.number,
                    "as_of": past.question.moment,
                    "before": past.counted,
                    "after": not past.counted,
                    "standard": past.standard,
                }
                for past in row.outcome.differing
            ],
        }
        for row in rows
    ]


def _counted(tally: Any) -> dict[str, int]:
    return {"would_differ": tally.would_differ, "to_yes": tally.to_yes, "to_no": tally.to_no}


CHECK = ResourceView(kind=CheckAnswer, view=schemas.CheckView, present=present_answers)
RESULTS = ResourceView(kind=dict, view=schemas.CheckResultsView, present=present_results)
DRY_RUN = ResourceView(kind=DryRun, view=schemas.DryRunView, present=present_dry_runs)


def check_certificate(session: Session, **arguments: Any) -> CheckAnswer:
    """Whether the certificate counts there, on that day, as known then, with every reason.

    An entry that is just being written while this is asked may belong to the `known_at` that is returned, though the
    answer does not know it yet: for an answer that never changes again, ask about a `known_at` at least a second old.
    Where more was said of what it rests on than has arrived here, `counts` is null, and `known_until` says up to when
    all is known; the same where its home was not heard for a day. Questions are written down for 400 days, except
    those that could not be answered and those about what is no certificate number.
    """
    [answer] = checking.answers(session, [_inquiry(session, arguments, pointer="")])
    if answer.is_elsewhere:
        raise InvalidError("ask_there", *ASK_THERE, [Fault("/in", *ASK_THERE)])
    commands.keep_checks(session, _kept([answer]))
    return answer


def check_certificates(session: Session, *, items: Sequence[Mapping[str, Any]], chain: bool) -> dict[str, Any]:
    """The same for up to a thousand; `counts` is null also where another tenant is to answer."""
    inquiries = [_inquiry(session, item, pointer=f"/items/{index}") for index, item in enumerate(items)]
    answers = checking.answers(session, inquiries)
    commands.keep_checks(session, _kept(answers))
    return {"answers": answers, "chain": chain}


def dry_run_recognition(session: Session, since: date, **arguments: Any) -> DryRun:
    """Which checks of the past would have been answered differently; changes nothing and publishes nothing.

    One at a time for each tenant (409 `dry_run_under_way`), over the newest 20,000 checks.
    """
    if since > day_of(session.clock.now()):
        zh, en = (
            "起始日期不能晚于今天。请改为今天或更早。",
            "The day must not be later than today. Give an earlier one.",
        )
        raise _invalid("from_in_future", "/from", zh=zh, en=en)
    other, here = arguments["recognised"], session.context.tenant_id
    supposition: Supposition
    if arguments["recognition"] is not None:
        supposition = NotBeen(session.one(Recognition, arguments["recognition"]).id)
    elif other == here:
        zh, en = "不能与本辖区互认。请填写其他辖区。", "A tenant does not recognise itself. Name another tenant."
        raise _invalid("own_tenant", "/recognised", zh=zh, en=en)
    else:
        items, mutual = arguments["items"], arguments["mutual"]
        supposition = InForce.between(here, other, items=items, mutual=mutual, since=start_of(since))
    return dry_run(session, supposition, since=since)


def _inquiry(session: Session, given: Mapping[str, Any], *, pointer: str) -> Inquiry:
    known_at = given["known_at"]
    if known_at is not None and known_at > session.clock.now():
        zh, en = (
            "所问“当时所知”的时间不能晚于现在。请去掉它。",
            "known_at must not be in the future. Leave it out to ask about now.",
        )
        raise _invalid("known_at_future", f"{pointer}/known_at", zh=zh, en=en)
    return Inquiry(
        number=given["number"],
        tenant=given["tenant"] or session.context.tenant_id,
        asked=Asked.read(given["asked_for"]),
        asked_for=given["asked_for"],
        as_of=given["as_of"],
        known_at=known_at,
    )


def _invalid(code: str, pointer: str, *, zh: str, en: str) -> InvalidError:
    return InvalidError(code, zh, en, [Fault(pointer, zh, en)])


def _kept(answers: Sequence[CheckAnswer]) -> list[dict[str, Any]]:
    """What is written down: questions that were answered."""
    return [
        {
            "number": answer.inquiry.number,
            "asked_in": answer.inquiry.tenant,
            "asked_for": answer.inquiry.asked_for,
            "as_of": answer.as_of,
            "known_at": answer.known_at,
            "asked_at": answer.asked_at,
            "counts": answer.counts,
        }
        for answer in answers
        if answer.counts is not None
    ]


checks = Resource(routes, "/v1/recognitions", CHECK, key="/check", read=READ, write=READ)
checks.get(
    check_certificate,
    query=schemas.CheckQuery,
    name="check_certificate",
    summary="证书是否有效 / Whether a certificate counts",
)
checks.act(
    check_certificates,
    draft=schemas.ChecksDraft,
    shown=RESULTS,
    rule=f"{checks.url}/checks",
    summary="批量查询证书是否有效 / Whether many certificates count",
)
checks.act(
    dry_run_recognition,
    draft=schemas.DryRunDraft,
    shown=DRY_RUN,
    rule=f"{checks.url}/dry-run",
    summary="互认试算 / Dry run",
)
