"""Rules for tenants: their lifecycle, codes, keys and the members of regions."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from events.canonical import Json, instant, plain
from shared import divisions
from shared.acts import Act
from shared.days import read_day
from shared.errors import Fault, InvalidError
from shared.lifecycle import Lifecycle, Step

MANAGE, QUOTAS = "tenants:manage", "quotas:manage"
KINDS = ("province", "municipality", "prefecture", "region")
Member = Mapping[str, Json]
"""`{"tenant", "division", "since", "until"}`: a division of a tenant, from a day until (not including) another."""
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


def check_divisions(codes: Sequence[str], kind: str, *, today: date, known: Collection[str] = ()) -> None:
    """GB/T 2260 codes of today, or `known` ones; a region has members instead. Raises `InvalidError` with pointers."""
    if (kind == "region") == bool(codes):
        raise InvalidError(
            "division_codes",
            "区域没有行政区划代码,其他辖区至少一个。",
            "A region has no division codes of its own, any other tenant has at least one.",
            [Fault("/division_codes", "请更正。", "Correct this.")],
        )
    for index, code in enumerate(codes):
        if code not in known:
            _check_entered(code, f"/division_codes/{index}", today=today, since=None)


def check_members(members: Sequence[Member], kind: str, *, today: date, known: Sequence[Member] = ()) -> None:
    """Members of a region are divisions of tenants with since/until; raises `InvalidError` with all faults.

    A division must have been one when it became a member, or still on its last day as a member.
    """
    if members and kind != "region":
        fault = Fault("/members", "删除。", "Remove.")
        raise InvalidError("members", "只有区域有成员。", "Only a region has members.", [fault])
    faults = []
    for index, member in enumerate(members):
        since, until = (_day(member.get(name)) for name in ("since", "until"))
        if plain(member) not in known:
            last = until - timedelta(days=1) if until else None
            _check_entered(member["division"], f"/members/{index}/division", today=today, since=since or last)
        if since and until and since >= until:
            faults.append(Fault(f"/members/{index}/until", "须晚于 since。", "Must be after since."))
    if faults:
        raise InvalidError("members", "成员的起止日期不正确。", "The dates of a member are wrong.", faults)


def _day(given: date | str | None) -> date | None:
    return read_day(given) if isinstance(given, str) else given


def _check_entered(code: str, pointer: str, *, today: date, since: date | None) -> None:
    try:
        divisions.check_entered(code, today=today, since=since)
    except InvalidError as error:
        raise InvalidError(error.code, error.zh, error.en, [Fault(pointer, error.zh, error.en)]) from error


def with_key(keys: Sequence[Mapping[str, Any]], key: Mapping[str, Any], *, now: datetime) -> list[dict[str, Any]]:
    """The keys after `key` is enrolled: it counts from now on, the ones before until the grace is over."""
    until = instant(now + GRACE)
    ended = [{**item, "valid_until": item["valid_until"] or until} for item in keys]
    # The first key may sign what the tenant did in the seconds before the directory spoke.
    since = instant(now if keys else now - GRACE)
    return [*ended, {**key, "valid_from": since, "valid_until": None}]
