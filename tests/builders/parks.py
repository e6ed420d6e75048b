"""Parks without a story, for tests of the machine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from events.parks import ParkDrafted
from services.parks.models import Park
from shared.journal.session import Session

BARE: dict[str, Any] = {
    "name_zh": "测试园区", "name_en": None, "park_kind": "joint", "state": "draft", "location": None, "area_km2": None,
    "sectors": [], "starts_on": None, "ends_on": None, "consents": {}, "current_agreement": None,
    "next_revision": 1, "reason_digest": None,
}  # fmt: skip


def bare_park(session: Session, parties: Sequence[UUID] = (), **changes: Any) -> Park:
    """A published park of the session's tenant."""
    park = session.create(Park, parties=[session.context.tenant_id, *parties], **{**BARE, **changes})
    park.parties = [{"tenant": str(tenant), "role": "partner", "division": None} for tenant in park.party_ids]
    session.publish(park, ParkDrafted(name_zh=park.name_zh, kind=park.park_kind))
    return park
