"""Projects: who issues, what is hashed and signed, what a draft still lacks, and what each party may do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from events.canonical import Json, canonical, digest, plain
from services.standards.domain.checking import NATIONAL
from services.standards.domain.lifecycles import PROJECT_LIFECYCLE
from shared.core.context import PLATFORM
from shared.core.errors import ConflictError, Fault, InvalidError, RefusedError
from shared.rules.periods import state_at

KINDS = ("national", "industry", "local", "group", "enterprise")
VERDICTS = ("accepted", "partly", "declined")
CONTENT = ("title_zh", "title_en", "kind", "subject", "text", "sheet", "effective_from", "replaces")
"""What is signed beside the issuers, by the names of the columns: not the numbers, which are each issuer's own."""
MOST_ISSUERS = 20
MOST_FILES = 10
MOST_REPLACED = 20
MOST_PUBLIC_COMMENTS = 2000
"""To one consultation, of all the public together: it cannot keep the parties from commenting."""
MOST_PARTY_COMMENTS = 500
"""To one consultation, of each party."""
MOST_ANSWERED = 500
"""Comments answered by one command."""
OPEN = ("drafting", "consulting", "signing")
"""States in which it may still lead to a standard."""
LONGEST_CONSULTATION = timedelta(days=365)

Issuer = Mapping[str, Json]
"""`{"tenant": id, "number": str | None, "project": str | None}`."""


def content_hash(content: Mapping[str, Any]) -> str:
    """Hex SHA-256 of the canonical content and its issuers; `content` holds at least `CONTENT` and `issuers`."""
    named = {name: content[name] for name in CONTENT}
    return digest(canonical(plain({**named, "issuers": sorted(item["tenant"] for item in content["issuers"])})))


def check_issuers(issuers: Sequence[UUID], *, home: UUID, kind: str) -> None:
    """Whoever opens it issues too; what holds in the whole country is the platform's alone. Raises `InvalidError`."""
    if len(set(issuers)) != len(issuers) or home not in issuers or len(issuers) > MOST_ISSUERS:
        raise InvalidError(
            "issuers_invalid",
            f"发布方须包含立项辖区本身,不得重复,至多 {MOST_ISSUERS} 个。请更正。",
            f"The issuers include the tenant that opens the project, each once, at most {MOST_ISSUERS}. Correct them.",
            [Fault("/issuers", "发布方名单有误", "Not a valid list of issuers")],
        )
    if list(issuers) != [PLATFORM] if kind in NATIONAL else PLATFORM in issuers:
        raise InvalidError(
            "kind_not_yours",
            "国家标准和行业标准只能由平台立项,其他标准由辖区立项。请改选标准类别或发布方。",
            "National and industry standards are the platform's alone, all others the tenants'. Choose another kind.",
            [Fault("/kind", "此类标准不能由这些发布方发布", "Not a kind that these issuers issue")],
        )


def unnamed(issuers: Iterable[UUID], *, known: Sequence[Issuer] = ()) -> list[dict[str, Json]]:
    """The issuers with what they have named already."""
    before = {item["tenant"]: dict(item) for item in known}
    fresh = {"number": None, "project": None}
    return [before.get(str(tenant), {"tenant": str(tenant), **fresh}) for tenant in issuers]


def named(issuers: Sequence[Issuer], tenant: UUID, *, number: str, project: str) -> list[dict[str, Json]]:
    """With the tenant's own project and number; raises `ConflictError` where another issuer has the number."""
    if any(item["number"] == number and item["tenant"] != str(tenant) for item in issuers):
        raise number_taken(number)
    own = {"tenant": str(tenant), "number": number, "project": project}
    return [own if item["tenant"] == str(tenant) else dict(item) for item in issuers]


def number_taken(number: str) -> ConflictError:
    """Two texts under one number would make it resolve to neither."""
    return ConflictError(
        "number_taken",
        f"标准号 {number} 已被使用。请核对后登记另一个号。",
        f"The number {number} is taken. Check it, then enter another one.",
    )


def check_content(text: Sequence[Json], sheet: Sequence[Json]) -> None:
    """Raises `ConflictError` when there is nothing to comment on or to sign."""
    if not text and not sheet:
        raise ConflictError(
            "content_missing",
            "草案既无文本也无要求表。请先补充其一。",
            "The draft has neither a text nor a requirement sheet. Add one of them first.",
        )


def check_complete(issuers: Sequence[Issuer], *, unanswered: int) -> None:
    """Raises `ConflictError` with what is missing before the text can be signed."""
    if unanswered:
        raise ConflictError(
            "comments_unanswered",
            f"还有 {unanswered} 条意见未答复。请先逐条答复。",
            f"{unanswered} comments are unanswered. Answer each of them first.",
        )
    missing = [item["tenant"] for item in issuers if item["number"] is None]
    if missing:
        raise ConflictError(
            "numbers_missing",
            f"以下发布方尚未登记项目号与标准号:{'、'.join(missing)}。请其先登记。",
            f"These issuers have not entered their project and number: {', '.join(missing)}. They enter them first.",
        )


def check_effective(effective_from: date, *, today: date) -> None:
    """Nothing comes into force in the past; raises `ConflictError`."""
    if effective_from < today:
        raise ConflictError(
            "effective_from_past",
            f"实施日期 {effective_from} 已过。请改为今天或以后的日期。",
            f"The day it is to come into force, {effective_from}, is over. Set today or a later day.",
        )


def check_closing(closes_on: date, *, today: date) -> None:
    """A consultation lasts at least until tomorrow and at most a year; raises `InvalidError`."""
    if not today < closes_on <= today + LONGEST_CONSULTATION:
        zh, en = "应在明天至一年之内", "Must be from tomorrow up to a year from now"
        raise InvalidError(
            "closes_on_invalid",
            "征求意见的截止日期不当。请选择明天至一年之内的日期。",
            "That is no day to close a consultation. Choose one from tomorrow up to a year from now.",
            [Fault("/closes_on", zh, en)],
        )


def check_issuers_change(party: UUID, lead: UUID, *, before: Sequence[UUID], after: Sequence[UUID]) -> None:
    """The lead says who issues, and an issuer may leave by itself; raises `RefusedError`."""
    if set(after) != set(before) - {party}:
        check_lead(party, lead)


def check_lead(tenant: UUID, lead: UUID) -> None:
    """Raises `RefusedError` for who does not lead it."""
    if tenant != lead:
        raise RefusedError(
            "lead_only",
            "只有牵头辖区可以这样做。请与牵头辖区联系。",
            "Only the tenant that leads this may do so. Get in touch with it.",
        )


def check_round(current: int, *, asked: int) -> None:
    """Raises `ConflictError` for a comment on a draft that has been replaced by that of a later round."""
    if current != asked:
        raise ConflictError(
            "consultation_closed",
            "本次征求意见已截止。请查看正在征求意见的草案。",
            "This consultation is closed. See which drafts are open for comment.",
        )


def check_room(comments: int, *, is_public: bool) -> None:
    """Raises `ConflictError` when a consultation has as many comments of the public, or of one party, as it takes."""
    most = MOST_PUBLIC_COMMENTS if is_public else MOST_PARTY_COMMENTS
    if comments >= most:
        raise ConflictError(
            "comments_full",
            f"本次征求意见已收到{'公众' if is_public else '贵方'}意见 {most} 条,不再接收。请直接与牵头辖区联系。",
            f"This consultation has {most} comments {'of the public' if is_public else 'of yours'}, the most it takes. "
            "Get in touch with the lead instead.",
        )


def check_comments(asked: Sequence[UUID], found: Iterable[UUID]) -> None:
    """Raises `InvalidError` with a pointer to each that is no open comment on the project."""
    known = set(found)
    zh, en = "本项目没有这条待答复的意见", "no such comment on this project is waiting for an answer"
    faults = [Fault(f"/comments/{index}", zh, en) for index, key in enumerate(asked) if key not in known]
    if faults:
        raise InvalidError(
            "comments_unknown", f"{zh}。请刷新后重选。", f"Of these, {en}. Reload and choose again.", faults
        )


def stale_sources(
    merged_from: Sequence[Mapping[str, Json]], known: Mapping[UUID, Mapping[str, Json]], *, moment: datetime
) -> list[dict[str, Json]]:
    """The sources of a merged sheet that it no longer rests on, as `{"standard", "numbers", "why"}`.

    `known` are the standards' documents by id; `why` is changed, not_in_force or unknown.
    """
    found = []
    for source in merged_from:
        state = known.get(UUID(source["standard"]))
        if state is None:
            why = "unknown"
        elif state["content_hash"] != source["content_hash"]:
            why = "changed"
        elif state_at(state["spells"], moment) != "in_force":
            why = "not_in_force"
        else:
            continue
        numbers = [] if state is None else state["numbers"]
        found.append({"standard": source["standard"], "numbers": numbers, "why": why})
    return found


def check_fresh(stale: Sequence[Mapping[str, Json]]) -> None:
    """Raises `ConflictError` naming the sources that a merged sheet no longer rests on."""
    if stale:
        names = [str((source["numbers"] or [source["standard"]])[0]) for source in stale]
        raise ConflictError(
            "merge_stale",
            f"合并所依据的标准已变化或不再有效:{'、'.join(names)}。请重新合并后再提交签署。",
            f"What this was merged from has changed or is not in force: {', '.join(names)}. "
            "Merge again (refresh), then present or sign it.",
        )


def allowed_actions(state: str, *, leads: bool, signs: bool, merged: bool, unanswered: int = 0) -> set[str]:
    """What an issuer may do now; `signs` says that its signature is missing, `unanswered` how many comments wait."""
    actions = set(PROJECT_LIFECYCLE.actions(state)) - {"close_consultation", "release"}
    if not leads:
        actions.discard("abandon")
    if not signs:
        actions.discard("sign")
    if merged and actions & {"revise", "amend"}:
        actions.add("refresh")
    if leads and unanswered:
        actions.add("answer_comments")
    return actions
