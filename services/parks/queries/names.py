"""How parks and their agreements are called."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm.util import identity_key

from services.parks.models import Agreement, Park
from shared.http.names import Name


def park_names(session: Any, ids: Collection[UUID]) -> dict[UUID, Name]:
    """Those of which the tenant is a party."""
    # Those that the answer shows have been read already.
    known = {key: session.identity_map.get(identity_key(Park, (session.context.tenant_id, key))) for key in ids}
    read = {key: park for key, park in known.items() if park is not None}
    found = [(key, park.name_zh, park.name_en) for key, park in read.items()]
    if missing := [key for key in ids if key not in read]:
        found += session.execute(select(Park.id, Park.name_zh, Park.name_en).where(Park.id.in_(missing)))
    return {key: Name(zh, en or zh) for key, zh, en in found}


def agreement_names(session: Any, ids: Collection[UUID]) -> dict[UUID, Name]:
    """Each with its park and the number of the revision."""
    columns = Agreement.id, Agreement.revision, Park.id, Park.name_zh, Park.name_en
    query = select(*columns).join(Park, Park.id == Agreement.park_id).where(Agreement.id.in_(ids))
    return {
        key: Name(f"{zh}协议第{revision}版", f"agreement of {en or zh}, revision {revision}", str(revision), park)
        for key, revision, park, zh, en in session.execute(query)
    }
