"""What an organisation asks of its tenant: to be registered, or a qualification; and what it still lacks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from events.canonical import Json
from events.entry import aggregate_id
from shared.core.errors import Fault, InvalidError
from shared.rules.lifecycle import Lifecycle, Step

REGISTRATION, QUALIFICATION = PURPOSES = ("registration", "qualification")
MOST_EVIDENCE = 20
NEEDED: Mapping[str, tuple[str, ...]] = {
    REGISTRATION: ("code", "name_zh", "kind", "division"),
    QUALIFICATION: ("name",),
}
"""What has to be filled in before it is submitted."""

APPLICATION_LIFECYCLE = Lifecycle(
    "application",
    "draft",
    (
        Step("revise", ("draft",), "draft"),
        Step("submit", ("draft",), "submitted"),
        Step("return", ("submitted",), "draft"),
        Step("approve", ("submitted",), "approved"),
        Step("refuse", ("submitted",), "refused"),
        Step("withdraw", ("draft", "submitted"), "withdrawn"),
    ),
    words="services.organisations",
)
OPEN = ("draft", "submitted")


def registration_nonce(application: UUID) -> str:
    """What makes the id of an organisation follow from the application by which it is registered."""
    return f"application/{application}"


def future_id(home: UUID, application: UUID) -> UUID:
    """The id that the organisation will have, for which its manager is invited before it is registered."""
    return aggregate_id(home, registration_nonce(application))


def with_changes(purpose: str, asked: Mapping[str, Json], *, changes: Mapping[str, Any]) -> dict[str, Json]:
    """What is asked for after a change; raises `InvalidError` where the change is of the other purpose."""
    other = QUALIFICATION if purpose == REGISTRATION else REGISTRATION
    if other in changes:
        zh, en = "不属于此申请,请删除", "does not belong to this application: leave it out"
        raise InvalidError("purpose_other", f"{other} {zh}。", f"{other} {en}.", [Fault(f"/{other}", zh, en)])
    return {**asked, **changes.get(purpose, {})}


def check_complete(purpose: str, asked: Mapping[str, Json], *, evidence: int) -> None:
    """Raises `InvalidError` with a pointer for each thing that is missing."""
    faults = [
        Fault(f"/{purpose}/{name}", "必填,请补充", "Required: please add it")
        for name in NEEDED[purpose]
        if not asked.get(name)
    ]
    if not evidence:
        zh, en = "请附上证明文件,如营业执照或资质证书", "Add a file that proves it, such as the licence or the title"
        faults.append(Fault("/evidence", zh, en))
    if faults:
        raise InvalidError(
            "application_incomplete",
            "申请尚不完整。请补充所列各项后再提交。",
            "The application is not complete. Add what is named here, then submit it.",
            faults,
        )
