"""How much of what it may have a tenant uses: each service counts its own, and whoever makes more is warned."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from shared.database.session import TenantSession

Count = Callable[[TenantSession], int]
COUNTS: dict[str, Count] = {}
"""By quota, how much of it the session's tenant uses."""
WARNED_AT = 80
"""Per cent."""
NOTED = "quota_uses"


@dataclass(frozen=True)
class Use:
    """A quota with its limit, None for none, and its use, None where it is not known here."""

    quota: str
    limit: int | None
    used: int | None

    @property
    def warning(self) -> bool:
        """Whether so much is used that more should be asked for."""
        known = self.limit is not None and self.used is not None
        return known and 100 * (self.used or 0) >= WARNED_AT * (self.limit or 0)

    def __str__(self) -> str:
        return f"{self.quota}; used={self.used}; limit={self.limit}"


def counts(quota: str) -> Callable[[Count], Count]:
    """Register how the use of a quota is counted."""

    def register(count: Count) -> Count:
        if COUNTS.setdefault(quota, count) is not count:
            raise ValueError(f"two count {quota}")
        return count

    return register


def counted(session: TenantSession) -> dict[str, int]:
    """What the session's tenant uses, by quota."""
    return {quota: count(session) for quota, count in COUNTS.items()}


def note(session: TenantSession, use: Use) -> None:
    """Warn whoever has just made more of it, where so much is used."""
    if use.warning:
        session.info.setdefault(NOTED, {})[use.quota] = use


def header(session: TenantSession) -> dict[str, str]:
    """The header that warns, if there is anything to warn of."""
    noted = session.info.get(NOTED, {})
    return {"Quota-Warning": ", ".join(map(str, noted.values()))} if noted else {}
