"""Rules for tenants: their lifecycle, codes, keys and the members of regions."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from events.canonical import Json, instant, plain
from shared.core.calendar import read_day
from shared.core.errors import Fault, InvalidError
from shared.reference import divisions
from shared.rules.acts import Act
from shared.rules.lifecycle import Lifecycle, Step

MANAGE, QUOTAS = "tenants:manage", "quotas:manage"
QUOTA_NAMES = ("users", "organisations", "requests_per_minute", "file_bytes")
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
    words="services.tenants",
)

CREATED = Act("tenants.tenant.created", "新增辖区", "Tenant created")
REVISED = Act("tenants.tenant.revised", "修改辖区", "Tenant revised")
QUOTAS_SET = Act("tenants.tenant.quotas_set", "设定配额", "Quotas set")
SUSPENDED = Act("tenants.tenant.suspended", "暂停辖区", "Tenant suspended")
REACTIVATED = Act("tenants.tenant.reactivated", "恢复辖区", "Tenant reactivated")
LEAVING = Act("tenants.tenant.leaving", "宣布辖区退出", "Tenant leaving announced")
LEFT = Act("tenants.tenant.left", "完成辖区退出", "Tenant left")
KEY_ROTATED = Act("tenants.tenant.key_rotated", "更换签名密钥", "Signing key rotated")


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
        if code in codes[:index]:
            zh, en = f"行政区划 {code} 重复出现,请删除其中一个。", f"{code} stands there twice. Remove one of them."
            raise InvalidError("division_twice", zh, en, [Fault(f"/division_codes/{index}", zh, en)])
        if code not in known:
            _check_entered(code, f"/division_codes/{index}", today=today, since=None)


def check_members(
    members: Sequence[Member],
    kind: str,
    *,
    today: date,
    listed: Mapping[str, Sequence[str]],
    known: Sequence[Member] = (),
) -> None:
    """Members of a region are divisions of tenants with since/until; raises `InvalidError` with all faults.

    `listed` are the division codes by the code of each tenant that is named and exists. A division must have been one
    when it became a member, or still on its last day as a member; it belongs to its tenant and is a member once at a
    time.
    """
    if members and kind != "region":
        fault = Fault("/members", "删除。", "Remove.")
        raise InvalidError("members", "只有区域有成员。", "Only a region has members.", [fault])
    faults: list[Fault] = []
    for index, member in enumerate(members):
        since, until = (_day(member.get(name)) for name in ("since", "until"))
        if plain(member) not in known:
            last = until - timedelta(days=1) if until else None
            _check_entered(member["division"], f"/members/{index}/division", today=today, since=since or last)
            code, tenant = member["division"], member["tenant"]
            if tenant not in listed:
                zh, en = (
                    f"平台上没有辖区 {tenant}。请对照辖区名录更正。",
                    f"There is no tenant {tenant}: see the directory.",
                )
                faults.append(Fault(f"/members/{index}/tenant", zh, en))
            elif not divisions.lies_in(code, listed[tenant]):
                zh = f"行政区划 {code} 不在辖区 {tenant} 之内。请更正其中一个。"
                en = f"{code} does not lie in tenant {tenant}. Correct one of them."
                faults.append(Fault(f"/members/{index}/division", zh, en))
        if since and until and since >= until:
            faults.append(Fault(f"/members/{index}/until", "须晚于起始日。", "Must be after since."))
        faults += _overlap_faults(f"/members/{index}", member, earlier=members[:index])
    if faults:
        zh, en = faults[0].zh, faults[0].en
        raise InvalidError("members", f"成员名单有误:{zh}", f"The members are wrong: {en}", faults)


def _overlap_faults(pointer: str, member: Member, *, earlier: Sequence[Member]) -> Iterator[Fault]:
    """A division is a member once at a time, whichever tenant brings it."""
    begins, ends = (_day(member.get(name)) for name in ("since", "until"))
    for other in earlier:
        since, until = (_day(other.get(name)) for name in ("since", "until"))
        overlap = not (begins and until and until <= begins) and not (since and ends and ends <= since)
        if overlap and other["division"] == member["division"]:
            zh = f"{member['division']} 的起止日期与名单中前一项重叠。请合并或更正日期。"
            en = f"The period of {member['division']} overlaps an earlier one of it. Join them or correct the days."
            yield Fault(f"{pointer}/division", zh, en)
            return


def check_leaving_day(day: date | None, *, today: date) -> None:
    """Nobody leaves in the past; raises `InvalidError`."""
    if day is not None and day < today:
        fault = Fault("/leaves_on", f"不能早于今日 {today}", f"must not be before today, {today}")
        zh, en = (
            f"退出日 {day} 已过。请更正,或暂不填写。",
            f"The day {day} is over. Correct it, or leave it out for now.",
        )
        raise InvalidError("leaving_day_past", zh, en, [fault])


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
