"""The audit log as a file that anybody can verify offline with public keys only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select

from events.canonical import canonical, digest, instant
from shared.core.calendar import read_moment
from shared.evidence.audit import AuditRow
from shared.evidence.journal_file import EvidenceError, check_signature, directory_entries, flaws, proven_keys
from shared.journal.session import Session

FORMAT = "xietong.audit-log.v1"


def export(session: Session, *, first: int, most: int) -> dict[str, Any]:
    """The session tenant's records from position `first` on, at most `most`, with the keys needed to check them."""
    rows = select(AuditRow).where(AuditRow.position >= first).order_by(AuditRow.position).limit(most)
    return {
        "format": FORMAT,
        "exported_at": instant(session.clock.now()),
        "tenant": str(session.context.tenant_id),
        "platform_key": session.settings.platform_key,
        "directory": directory_entries(session),
        "records": [{"entry": json.loads(row.entry), "signature": row.signature} for row in session.scalars(rows)],
    }


def verify(document: Mapping[str, Any], platform_key: str | None = None) -> tuple[int, int]:
    """First and last position of the unbroken, signed chain in an export; raises `EvidenceError` at the first flaw."""
    with flaws():
        if document.get("format") != FORMAT:
            raise EvidenceError(f"not a file of format {FORMAT}")
        keys, tenant = proven_keys(document, platform_key), UUID(document["tenant"])
        positions: list[int] = []
        previous = None
        for item in document["records"]:
            entry = item["entry"]
            at = read_moment(entry["at"])
            if entry["tenant"] != str(tenant):
                raise EvidenceError(f"record {entry['position']} is of another tenant")
            check_signature(entry, item["signature"], keys=keys, by=tenant, at=at)
            if positions and (entry["position"] != positions[-1] + 1 or entry["previous"] != previous):
                raise EvidenceError(f"record {entry['position']} does not follow record {positions[-1]}")
            previous = digest(canonical(entry))
            positions.append(entry["position"])
        if not positions:
            raise EvidenceError("there are no records")
        return positions[0], positions[-1]
