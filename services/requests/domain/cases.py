"""The case: its lifecycle, and who may do what with it when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from services.requests.domain.dates import OF_DATES, check_dating
from services.requests.domain.parts import OF_LEAD, OF_PART, check_part_turn, check_whole
from shared.core.errors import ConflictError, Fault, InvalidError, RefusedError
from shared.rules.lifecycle import Lifecycle, Step

CASE_LIFECYCLE = Lifecycle(
    "case",
    "draft",
    (
        Step("revise", ("draft",), "draft"),
        Step("file", ("draft",), "filed"),
        Step("return", ("filed",), "returned"),
        Step("supplement", ("returned",), "filed"),
        Step("forward", ("filed",), "filed"),
        Step("assign", ("filed",), "filed"),
        Step("accept", ("filed",), "accepted"),
        Step("pause", ("accepted",), "accepted"),
        Step("resume", ("accepted",), "accepted"),
        Step("extend", ("accepted",), "accepted"),
        *(Step(action, ("accepted",), "accepted") for action in (*OF_LEAD, *OF_PART)),
        *(Step(action, (state,), state) for action in OF_DATES for state in ("filed", "accepted")),
        Step("decide", ("accepted",), "decided"),
        Step("deliver", ("decided",), "delivered"),
        Step("close", ("delivered",), "closed"),
        Step("reopen", ("delivered", "closed"), "accepted"),
        *(Step(action, (state,), state) for action in ("rate", "reply") for state in ("delivered", "closed")),
        Step("withdraw", ("draft", "filed", "returned", "accepted"), "withdrawn"),
    ),
    words="services.requests",
)
OPEN = ("filed", "returned", "accepted", "decided", "delivered")
"""States in which somebody has to do something."""
OF_APPLICANT = ("revise", "file", "supplement", "close", "reopen", "withdraw")
"""What whoever filed does: the organisation itself, or a clerk of its tenant for it; the rest is the handler's."""
OF_BOTH = ("rate", "reply")
RATERS = ("applicant", "handler")
OUTCOMES = ("approved", "refused")
MOST_FORWARDS = 3
"""After so many the coordinator decides who handles it, and that is final (济南条例 2018: not returned again)."""


def possible(case: Mapping[str, Any], *, here: UUID) -> list[str]:
    """What this tenant may do with the case now; the same checks refuse it otherwise."""
    found = []
    for action in CASE_LIFECYCLE.actions(case["state"]):
        try:
            check_turn(case, action=action, by=here)
        except (RefusedError, ConflictError):
            continue
        found.append(action)
    return found


def check_turn(case: Mapping[str, Any], *, action: str, by: UUID) -> None:
    """Raises `RefusedError` for who may not do this at all, `ConflictError` where it is not possible any more."""
    if action == "assign":
        _check_assignable(case, by=by)
    elif action in OF_BOTH:
        check_rating(case, action=action, by=by)
    elif action in OF_DATES:
        check_dating(case, action=action, by=by)
    elif action in OF_PART:
        check_part_turn(case, action=action, by=by)
    elif action in OF_APPLICANT:
        if by != case["home_id"]:
            raise RefusedError(
                "home_only",
                "只有收件的辖区及其申请人可以这样做。",
                "Only the jurisdiction where this was filed, and its applicant, may do this.",
            )
    elif by != case["handler"]:
        raise RefusedError(
            "handler_only",
            "此件现由其他辖区办理。如有需要,请在办件沟通中说明。",
            "Another jurisdiction handles this case now. Tell it in the thread of the case if you need something.",
        )
    else:
        check_handling(case, action=action)


def check_handling(case: Mapping[str, Any], *, action: str) -> None:
    """What its handler may not do now, whose turn it is; raises `ConflictError`."""
    if action == "return" and case["supplement"] is not None:
        raise ConflictError(
            "returned_once",
            "补正只能一次告知全部内容,此件已要求过补正(行政许可法第三十二条)。请受理,或依法作出决定。",
            "Papers are asked for once, all of them, and they were asked for already"
            " (Administrative Licensing Law, article 32). Accept the case, or decide on it by law.",
        )
    if action == "forward":
        check_forward(case)
    if action in OF_LEAD:
        check_part_turn(case, action=action, by=case["handler"])
    if action == "decide":
        check_whole(case["parts"])
    if action == "resume" and not case["is_paused"]:
        raise ConflictError("not_paused", "计时没有暂停。", "The clock does not stand still.")
    if action in ("pause", "decide") and case["is_paused"]:
        raise ConflictError("is_paused", "计时正在暂停。请先恢复计时。", "The clock stands still. Let it go on first.")


def check_rating(case: Mapping[str, Any], *, action: str, by: UUID) -> None:
    """Each side rates the other once, and is answered once; raises `RefusedError` or `ConflictError`."""
    sides = {"applicant": case["home_id"], "handler": case["handler"]}
    mine = [name for name, tenant in sides.items() if tenant == by]
    if not mine:
        raise RefusedError(
            "not_a_side",
            "只有收件方和承办方可以评价和回复。",
            "Only the side where it was filed and the side that handled it rate each other and answer.",
        )
    known = {one["by"]: one for one in case["ratings"]}
    if action == "rate" and mine[0] in known:
        raise ConflictError("rated_once", "贵方已评价,不能重复。", "Your side has rated this already.")
    theirs = known.get(other_side(mine[0]))
    if action == "reply" and (theirs is None or theirs["reply_digest"] is not None):
        raise ConflictError("nothing_to_answer", "没有待回复的评价。", "There is no rating to answer.")


def other_side(name: str) -> str:
    """The side that one side rates, and answers."""
    return RATERS[1 - RATERS.index(name)]


def check_forward(case: Mapping[str, Any]) -> None:
    """Raises `ConflictError` once the coordinator has decided, or has to."""
    if case["is_final"]:
        raise ConflictError(
            "competence_final",
            "协调单位已确定由贵方办理,不能再转。请受理。",
            "The coordinator has decided that your jurisdiction handles this. It cannot be forwarded again: accept it.",
        )
    if len(case["forwards"]) >= MOST_FORWARDS and case["coordinator"] is None:
        raise ConflictError(
            "forwards_many",
            f"此件已转办 {MOST_FORWARDS} 次,且没有协调单位,不能再转。请受理,需要其他单位配合的在受理后分办。",
            f"This case was forwarded {MOST_FORWARDS} times and has no coordinator: it cannot be forwarded again."
            " Accept it, and split it then where others have to help.",
        )
    if len(case["forwards"]) >= MOST_FORWARDS:
        raise ConflictError(
            "forwards_many",
            f"此件已转办 {MOST_FORWARDS} 次。请由协调单位确定承办方。",
            f"This case was forwarded {MOST_FORWARDS} times. The coordinator decides who handles it.",
        )


def _check_assignable(case: Mapping[str, Any], *, by: UUID) -> None:
    if by != case["coordinator"]:
        raise RefusedError(
            "coordinator_only",
            "只有协调单位可以确定承办方。",
            "Only the coordinator decides who handles this.",
        )
    if len(case["forwards"]) < MOST_FORWARDS or case["is_final"]:
        raise ConflictError(
            "not_disputed",
            "此件的承办方没有争议,或已经确定。",
            "Who handles this is not in dispute, or has been decided.",
        )


def check_missing(sheet: Mapping[str, Any], missing: Sequence[str]) -> None:
    """What is asked for is what the sheet asks for; raises `InvalidError` with a pointer to each that is not."""
    known = {*(one["name"] for one in sheet["form"]), *(one["key"] for one in sheet["materials"])}
    zh, en = "事项规则表中没有此项,不能要求补正。", "The item's sheet asks for nothing of this name."
    faults = [Fault(f"/missing/{index}", zh, en) for index, one in enumerate(missing) if one not in known]
    if faults:
        raise InvalidError(
            "missing_unknown",
            "只能要求补正事项规则表列明的材料和填写项。",
            "Only papers and fields that the item's sheet names can be asked for.",
            faults,
        )


def check_extension(sheet: Mapping[str, Any], *, days: int, extra: int) -> None:
    """Once, and by no more than the sheet allows; raises `ConflictError` or `InvalidError`."""
    most = sheet["answer"]["extension"]
    if extra or not most:
        raise ConflictError(
            "extended_once",
            "期限已延长过,或该事项不能延长(行政许可法第四十二条)。",
            "The term was extended already, or this item's cannot be (Administrative Licensing Law, article 42).",
        )
    if days > most:
        zh, en = f"至多延长 {most} 日。", f"At most {most} days."
        raise InvalidError("extension_long", zh, en, [Fault("/days", zh, en)])
