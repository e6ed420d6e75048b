"""What happened lately, as the registers tell of it: nothing that is not public."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.portal.calling.registers import BODIES, CONSULTATIONS, PARKS, STANDARDS, TENANTS, Told, counted, whole
from shared.core.calendar import read_moment
from shared.pages.languages import t

NEWEST, LATEST = 10, "-received_at"
BY_STATE = {
    "active": ("园区生效", "Park in force"),
    "suspended": ("暂停", "Suspended"),
    "published": ("发布标准", "Standard released"),
    "in_force": ("标准实施", "Standard in force"),
    "superseded": ("标准被代替", "Standard superseded"),
    "withdrawn": ("废止或撤销", "Withdrawn"),
    "accredited": ("认可机构", "Body accredited"),
    "expired": ("认可到期", "Accreditation expired"),
    "open": ("征求意见", "Open for comment"),
}
"""What the latest change of a thing was, by the state it led to."""


@dataclass(frozen=True)
class Happening:
    """What became of something, when, and whose it is where its name does not say that."""

    at: datetime
    what: str
    thing: str
    tenants: Sequence[str]


@dataclass(frozen=True)
class Known:
    """The registers as they stand: all tenants, and of what they share how much there is and the newest."""

    tenants: Told
    parks: Told
    standards: Told
    bodies: Told
    consultations: Told

    @classmethod
    def now(cls) -> Known:
        """Each register is asked for its newest alone, however much it holds."""
        shared = (counted(one, limit=NEWEST, sort=LATEST) for one in (PARKS, STANDARDS, BODIES, CONSULTATIONS))
        return cls(whole(TENANTS), *shared)

    def happenings(self) -> list[Happening]:
        """The newest ones first."""
        return sorted(self._all(), key=lambda one: one.at, reverse=True)[:NEWEST]

    def _all(self) -> Iterator[Happening]:
        for park in self.parks.items:
            yield _happening(park, "updated_at", names=("name_zh", "name_en"), of=_ids(park["parties"]))
        for standard in self.standards.items:
            yield _happening(standard, "updated_at", names=("title_zh", "title_en"), of=_ids(standard["issuers"]))
        for body in self.bodies.items:
            yield _happening(body, "updated_at", names=("name_zh", "name_en"), of=[body["home"]])
        for draft in self.consultations.items:
            yield _happening(draft, "opened_at", names=("title_zh", "title_en"), of=[draft["tenant"]])
        for tenant in self.tenants.items:
            joined = t("加入平台", "Joined"), t(tenant["name_zh"], tenant["name_en"])
            yield Happening(read_moment(tenant["created_at"]), *joined, [])


def _ids(parties: Sequence[Any]) -> list[str]:
    return [str(party["tenant"]) for party in parties]


def _happening(thing: Any, at: str, *, names: tuple[str, str], of: list[str]) -> Happening:
    zh, en = (thing[name] for name in names)
    return Happening(read_moment(thing[at]), t(*BY_STATE[thing["state"]]), t(zh, en or zh), of)
