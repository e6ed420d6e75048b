"""Rules for tenants: their lifecycle, codes, keys and the members of regions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from events.canonical import instant
from shared import divisions
from shared.acts import Act
from shared.errors import Fault, InvalidError
from shared.lifecycle import Lifecycle, Step

KINDS = ("province", "municipality", "prefecture", "region")
GRACE = timedelta(hours=1)
"""How long the key before stays good after a rotation: entries already on their way were signed with it."""

TENANT_LIFECYCLE = Lifecycle(
    "tenant",
    "active",
    (
        Step("suspend", ("active",), "suspended"),
        Step("reactivate", ("suspended",), "active"),
        Step("announce_leaving", ("active",), "leaving"),
        Step("complete_leaving", ("leaving",), "left"),
    ),
)

CREATED = Act("tenants.tenant.created", "新增辖区", "Tenant created")
ACTS = {
    "tenants.tenant.revise": Act("tenants.tenant.revised", "修改辖区", "Tenant revised"),
    "tenants.tenant.set_quotas": Act("tenants.tenant.quotas_set", "设定配额", "Quotas set"),
    "tenants.tenant.suspend": Act("tenants.tenant.suspended", "暂停辖区", "Tenant suspended"),
    "tenants.tenant.reactivate": Act("tenants.tenant.reactivated", "恢复辖区", "Tenant reactivated"),
    "tenants.tenant.announce_leaving": Act("tenants.tenant.leaving", "宣布辖区退出", "Tenant leaving announced"),
    "tenants.tenant.complete_leaving": Act("tenants.tenant.left", "完成辖区退出", "Tenant left"),
    "tenants.tenant.rotate_key": Act("tenants.tenant.key_rotated", "更换签名密钥", "Signing key rotated"),
}
"""What the audit log calls each command."""


def check_divisions(codes: Sequence[str], kind: str) -> None:
    """GB/T 2260 codes that exist or existed; a region has members instead. Raises `InvalidError` with pointers."""
    if (kind == "region") == bool(codes):
        raise InvalidError(
            "division_codes",
            "区域没有行政区划代码,其他辖区至少一个。",
            "A region has no division codes of its own, any other tenant has at least one.",
            [Fault("/division_codes", "请更正。", "Correct this.")],
        )
    for index, code in enumerate(codes):
        _known(code, f"/division_codes/{index}")


def check_members(members: Sequence[Mapping[str, Any]], kind: str) -> None:
    """Members of a region are divisions of tenants with since/until; raises `InvalidError` with all faults."""
    if members and kind != "region":
        fault = Fault("/members", "删除。", "Remove.")
        raise InvalidError("members", "只有区域有成员。", "Only a region has members.", [fault])
    faults = []
    for index, member in enumerate(members):
        _known(member["division"], f"/members/{index}/division")
        since, until = member.get("since"), member.get("until")
        if since and until and date.fromisoformat(str(since)) >= date.fromisoformat(str(until)):
            faults.append(Fault(f"/members/{index}/until", "须晚于 since。", "Must be after since."))
    if faults:
        raise InvalidError("members", "成员的起止日期不正确。", "The dates of a member are wrong.", faults)


def _known(code: str, pointer: str) -> None:
    try:
        divisions.check_code(code)
    except InvalidError as error:
        raise InvalidError(error.code, error.zh, error.en, [Fault(pointer, error.zh, error.en)]) from error


def with_key(keys: Sequence[Mapping[str, Any]], key: Mapping[str, Any], *, now: datetime) -> list[dict[str, Any]]:
    """The keys after `key` is enrolled: it counts from now on, the ones before until the grace is over."""
    until = instant(now + GRACE)
    ended = [{**item, "valid_until": item["valid_until"] or until} for item in keys]
    # The first key may sign what the tenant did in the seconds before the directory spoke.
    since = instant(now if keys else now - GRACE)
    return [*ended, {**key, "valid_from": since, "valid_until": None}]
