"""Which divisions a tenant stands for, as the directory says: its own codes, a region's those of its members."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from uuid import UUID

from events.canonical import Json
from shared.core.calendar import read_day
from shared.core.errors import Fault, InvalidError
from shared.database.session import TenantSession
from shared.keys.directory import DirectoryRow
from shared.reference import divisions


def areas_of(tenant: Mapping[str, Json], days: Collection[date]) -> list[str]:
    """The codes a directory state names; of a region's members those that belong to it on any of `days`."""
    members = [one["division"] for one in tenant["members"] if any(_belongs(one, day) for day in days)]
    return [*tenant["division_codes"], *members]


def _belongs(member: Mapping[str, Json], day: date) -> bool:
    since, until = member["since"], member["until"]
    return (since is None or read_day(since) <= day) and (until is None or day < read_day(until))


def elsewhere(
    session: TenantSession, code: str, *, tenants: Collection[UUID], days: Collection[date], pointer: str
) -> list[Fault]:
    """The fault of a division that lies in none of these tenants; of one that is not listed nothing is said here."""
    states = [row.state for row in (session.get(DirectoryRow, tenant) for tenant in tenants) if row is not None]
    if not states or any(divisions.lies_in(code, areas_of(state, days)) for state in states):
        return []
    zh, en = "、".join(str(one["name_zh"]) for one in states), " or ".join(str(one["name_en"]) for one in states)
    name = divisions.check_code(code).name_zh
    return [Fault(pointer, f"{name}({code})不在{zh}的行政区划内", f"{code} does not lie in {en}")]


def division_elsewhere(faults: Collection[Fault]) -> InvalidError:
    """The refusal of divisions that lie somewhere else than those who name them."""
    zh, en = ";".join(one.zh for one in faults), "; ".join(one.en for one in faults)
    return InvalidError(
        "division_elsewhere",
        f"{zh}。请填写该辖区范围内的行政区划,或更正辖区;各辖区的区划见辖区名录。",
        f"{en}. Name a division within that tenant, or correct the tenant; the directory lists what each stands for.",
        list(faults),
    )
