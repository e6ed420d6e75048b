"""The organisation: its kinds, its lifecycle, and who may do what to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from events.canonical import Json
from shared.core.calendar import read_day
from shared.core.errors import ConflictError, Fault, InvalidError
from shared.core.words import Pair
from shared.rules.lifecycle import Lifecycle, Step
from shared.text.searching import spaced

KINDS: Mapping[str, str] = {
    "enterprise": "企业",
    "institute": "科研机构",
    "testing_body": "检测机构",
    "alliance": "联盟",
    "park_operator": "园区运营方",
}
MEMBERSHIPS = ("alliance", "cluster")
LIVING = ("active", "suspended")
READ, WRITE, DECIDE = "organisations:read", "organisations:write", "organisations:decide"
PERSONS, IMPORT = "organisations:persons", "organisations:import"
OWN = frozenset({"revise"})
"""What the organisation's own people may do to its card."""

ORGANISATION_LIFECYCLE = Lifecycle(
    "organisation",
    "active",
    (
        Step("suspend", ("active",), "suspended"),
        Step("reactivate", ("suspended",), "active"),
        Step("close", LIVING, "closed"),
        Step("merge", LIVING, "merged"),
    ),
    words="services.organisations",
)

Membership = Mapping[str, Json]
"""`{"kind", "name", "organisation", "since", "until"}`: dates as text, `until` None while it lasts."""


def actions(state: str, *, public: bool, parties: Sequence[UUID]) -> set[str]:
    """What people of the home tenant may do now."""
    withdraw = {"withdraw"} if parties else set()
    if state not in LIVING:
        return withdraw
    always = {"revise", "qualify", "disqualify", "join", "leave", "introduce", "conceal" if public else "publish"}
    return {*ORGANISATION_LIFECYCLE.actions(state), *always, *withdraw}


def check_living(state: str, action: str) -> None:
    """Refuse to change what has ended."""
    if state not in LIVING:
        called = ORGANISATION_LIFECYCLE.action_named(action) or Pair("此操作", "this")
        raise ConflictError(
            "organisation_ended",
            f"机构已结束,不能再执行“{called.zh}”。如已合并,请改对其承继机构操作。",
            f"The organisation has ended, so '{called.en}' is no longer possible. "
            "If it was merged, act on its successor.",
        )


def with_membership(memberships: Sequence[Membership], added: Membership) -> list[dict[str, Any]]:
    """The list with one more; raises `ConflictError` when it is a member already."""
    if any(_same(item, added) and item["until"] is None for item in memberships):
        raise ConflictError(
            "already_member",
            f"该机构已是“{added['name']}”的成员。请先结束原成员关系。",
            f"It is a member of '{added['name']}' already. End that membership first.",
        )
    return [*map(dict, memberships), dict(added)]


def without_membership(memberships: Sequence[Membership], ended: Membership, *, until: date) -> list[dict[str, Any]]:
    """The list with the open membership ended; raises `ConflictError` when there is none."""
    found = next((item for item in memberships if _same(item, ended) and item["until"] is None), None)
    if found is None:
        raise ConflictError(
            "not_a_member",
            f"该机构现在不是“{ended['name']}”的成员。请核对成员名单。",
            f"It is not a member of '{ended['name']}' now. Compare the list of memberships.",
        )
    check_period(found["since"], until, pointer="/until")
    return [{**item, "until": until.isoformat()} if item is found else dict(item) for item in memberships]


def _same(one: Membership, other: Membership) -> bool:
    return (one["kind"], spaced(one["name"])) == (other["kind"], spaced(other["name"]))


def check_period(since: str | None, until: date | None, *, pointer: str) -> None:
    """The end does not lie before the beginning, where both are known."""
    if since is not None and until is not None and until < read_day(since):
        zh, en = f"不能早于起始日 {since},请更正", f"must not be earlier than the beginning, {since}"
        raise InvalidError("period_invalid", f"日期{zh}。", f"The date {en}. Correct it.", [Fault(pointer, zh, en)])


def check_merger(one: Any, other: Any) -> None:
    """Both belong to one home, are two, and live."""
    check_living(other.state, "merge")
    if one.id == other.id or one.home_id != other.home_id:
        zh, en = "须为本辖区登记的另一机构", "must be another organisation of the same home tenant"
        raise InvalidError(
            "merger_invalid",
            "承继机构须为同一登记辖区的另一机构。请改选,或先由其登记辖区处理。",
            "The successor must be another organisation registered in the same tenant. Choose another one.",
            [Fault("/into", zh, en)],
        )


def former_names(before: Sequence[str], *, old: str, new: str) -> list[str]:
    """Former names after a change of name, oldest first; a name that is taken up again is no former one."""
    return [name for name in dict.fromkeys([*before, old]) if name != new]
