"""A dissolution: proposed for a day, agreed to by all, called off by all before that day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from events.canonical import Json
from services.parks.domain.park import Consents, Party, Tenant, missing_consents
from shared.core.calendar import read_day
from shared.core.errors import ConflictError, Fault, InvalidError

Dissolution = Mapping[str, Json]
"""`{"dissolves_on": day, "proposed_by": tenant, "reason_digest": digest}`; None while nobody proposes one."""


def day_set(dissolution: Dissolution | None, consents: Consents, *, parties: Sequence[Party]) -> date | None:
    """The day on which the park ends, once all parties have agreed to it."""
    if dissolution is None or missing_consents(consents, "dissolve", parties=parties):
        return None
    return read_day(dissolution["dissolves_on"])


def first_day(today: date, *, notice_days: int) -> date:
    """The earliest day for which a dissolution can be proposed."""
    return today + timedelta(days=max(1, notice_days))


def is_on_table(dissolution: Dissolution | None, day: date) -> bool:
    """Whether just this day is proposed already; another one begins anew."""
    return dissolution is not None and dissolution["dissolves_on"] == day.isoformat()


def check_proposal(day: date, *, first: date, has_reason: bool) -> None:
    """Who proposes it says why, and respects the notice of the agreement; raises `InvalidError`."""
    faults = []
    if not has_reason:
        faults.append(Fault("/reason", "提出解散须说明理由", "whoever proposes a dissolution says why"))
    if day < first:
        faults.append(Fault("/dissolves_on", f"不能早于 {first}", f"must not be before {first}"))
    if faults:
        raise InvalidError(
            "dissolution_invalid",
            f"解散须说明理由,且最早只能定于 {first}:不早于明日,并遵守现行协议约定的退出通知期。",
            f"A dissolution needs a reason and can be set for {first} at the earliest: not before tomorrow, and after "
            "the notice that the agreement in force asks for.",
            faults,
        )


def check_day_to_come(day: date, *, today: date) -> None:
    """Nobody agrees to a day that is over; raises `ConflictError`."""
    if day <= today:
        raise ConflictError(
            "dissolution_day_past",
            f"所提的解散日 {day} 已到或已过。请另提日期。",
            f"The day that was proposed, {day}, has come or is over. Propose another one.",
        )


def check_not_set(day: date | None) -> None:
    """Raises `ConflictError` once all have agreed."""
    if day is not None:
        raise ConflictError(
            "dissolution_set",
            f"各方已同意于 {day} 解散。如需改期或继续合作,请各方先同意撤销解散。",
            f"All have agreed to dissolve the park on {day}. To change that, all parties call it off first.",
        )


def check_proposed(dissolution: Dissolution | None) -> None:
    """Raises `ConflictError` where there is nothing to call off."""
    if dissolution is None:
        raise ConflictError(
            "nothing_to_call_off",
            "没有待撤销的解散。请刷新后核对。",
            "Nobody has proposed to dissolve this park, so there is nothing to call off. Reload and check.",
        )


def check_parties_stay(dissolution: Dissolution | None) -> None:
    """Who has to agree stays the same while a dissolution is on the table; raises `ConflictError`."""
    if dissolution is not None:
        raise ConflictError(
            "parties_settled",
            "已有解散提议,此时不能变更参与方。请先撤销解散。",
            "A dissolution is proposed, so the parties cannot change. Call it off first.",
        )


def without_consent(consents: Consents, tenant: Tenant) -> dict[str, list[str]]:
    """The consents once this tenant has taken back its own to dissolve; raises `ConflictError` where it gave none."""
    kept = {action: [str(name) for name in given] for action, given in consents.items()}
    if str(tenant) not in kept.get("dissolve", ()):
        raise ConflictError(
            "not_consented",
            "贵方尚未同意解散,无可撤回;不同意即不会解散。",
            "You have not agreed to dissolve the park, so there is nothing to take back: without you it goes on.",
        )
    return {**kept, "dissolve": [name for name in kept["dissolve"] if name != str(tenant)]}


def possible(
    dissolution: Dissolution | None, consents: Consents, *, parties: Sequence[Party], tenant: Tenant
) -> set[str]:
    """Which of `dissolve` and `call_off` this party has still to say, or can take back."""
    agreed = str(tenant) in consents.get("dissolve", ())
    if day_set(dissolution, consents, parties=parties) is not None:
        return set() if str(tenant) in consents.get("call_off", ()) else {"call_off"}
    return {"call_off"} if agreed else {"dissolve"}
