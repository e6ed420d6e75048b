"""A common sheet of several tenants, and where each of them differs from it: field by field, with the reason."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from events.canonical import canonical, digest, plain
from shared.core.errors import ConflictError, Fault, InvalidError
from shared.countersigned.revision import revision_lifecycle

COMMON_LIFECYCLE = revision_lifecycle("common_revision", words="services.requests")
Sheet = Mapping[str, Any]
FIELDS = ("basis", "conditions", "materials", "form", "acceptance", "supplement", "answer", "delivery", "fee")
"""Of a sheet, each of which may differ."""


def content_hash(sheet: Sheet, *, effective_from: date | str) -> str:
    """What the parties sign: the sheet, and from when on it counts."""
    return digest(canonical(plain({"sheet": sheet, "effective_from": effective_from})))


def effective(common: Sheet, local: Sheet) -> dict[str, Any]:
    """What counts at a tenant: the common sheet with its own fields in place of the common ones."""
    return {**common, **local}


def differences(common: Sheet, local: Sheet, *, reasons: Mapping[str, str]) -> list[dict[str, Any]]:
    """Each field that differs, of terms each part: `{"path", "common", "local", "reason"}`, in the sheet's order."""
    found = list[dict[str, Any]]()
    for name in FIELDS:
        if name not in local or local[name] == common[name]:
            continue
        ours, theirs, reason = local[name], common[name], reasons.get(name)
        if not isinstance(ours, Mapping):
            found.append({"path": f"/{name}", "common": theirs, "local": ours, "reason": reason})
            continue
        found += [
            {"path": f"/{name}/{part}", "common": theirs.get(part), "local": value, "reason": reason}
            for part, value in ours.items()
            if value != theirs.get(part)
        ]
    return found


def check_reasons(local: Sheet, reasons: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """The reason of each field that differs; raises `InvalidError` for one without, and for one of nothing."""
    given = {one["field"]: one["reason"] for one in reasons}
    faults = [
        Fault(f"/local/{name}", "请说明与共同规则表不同的理由。", "Say why this differs from the common sheet.")
        for name in local
        if name not in given
    ]
    faults += [
        Fault(f"/reasons/{index}/field", "此项没有不同。", "This field does not differ.")
        for index, one in enumerate(reasons)
        if one["field"] not in local
    ]
    if faults:
        raise InvalidError(
            "difference_unexplained",
            "每一项本地差异都须说明理由。请按提示补充。",
            "Each local difference has its reason. Add what is named.",
            faults,
        )
    return given


def check_follower(parties: Collection[UUID], tenant: UUID) -> None:
    """Raises `ConflictError` for who has not signed it."""
    if tenant not in parties:
        raise ConflictError(
            "common_sheet_not_ours",
            "本辖区不是该共同规则表的参与方。",
            "Your jurisdiction is no party of this common sheet.",
        )


def check_following(follows: Mapping[str, Any] | None) -> None:
    """Raises `ConflictError` for an item that has a sheet of its own."""
    if follows is None:
        raise ConflictError(
            "item_follows_none",
            "该事项没有采用共同规则表,规则表可直接修改。",
            "This item follows no common sheet: revise its own.",
        )


def not_in_force() -> ConflictError:
    """Nothing can follow what not all have signed."""
    return ConflictError(
        "common_sheet_missing",
        "该共同规则表还没有各方签署并生效的版次。请先由各方签署。",
        "No revision of this common sheet that all parties have signed is in force. Have all sign it first.",
    )


def follows_common() -> ConflictError:
    """A sheet that several have agreed on is not changed by one of them."""
    return ConflictError(
        "item_follows",
        "该事项采用共同规则表,不能单独修改规则表。请改为申报本地差异,或先停止采用。",
        "This item follows a common sheet, so its own is not revised alone. Declare a local difference, or stop"
        " following it first.",
    )
