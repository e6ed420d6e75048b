"""Released standards out of the register: lists, what the views show, and where a public text lies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.orm import Session as AnySession

from services.standards.domain import standards as rules
from services.standards.models import Consultation, ConsultationRow, Standard, StandardRow
from services.standards.models.registered import has_number
from shared.core.errors import NotFoundError
from shared.database.lists import ListQuery
from shared.database.pages import Order, at_or_after
from shared.database.rows import state_of
from shared.evidence.texts import texts
from shared.journal.session import Session
from shared.keys.directory import Directory
from shared.text.matching import is_called, sounds_like_all

standards = ListQuery(
    StandardRow,
    Order(
        {name: getattr(StandardRow, name) for name in ("released_at", "subject", "received_at")},
        "-released_at",
        (StandardRow.id,),
        at_or_after(StandardRow.received_at),
    ),
    {
        "number": has_number,
        "subject": lambda value: is_called(StandardRow.subject, value),
        "state": StandardRow.status,
        "joint": lambda value: (func.jsonb_array_length(StandardRow.state["issuers"]) > 1) == value,
        "tenant": lambda value: StandardRow.state["issuers"].contains([{"tenant": str(value)}]),
        "q": lambda value: sounds_like_all(StandardRow.folded, value),
    },
)
"""All released standards of the platform, latest release first."""


def present_standards(session: Session, rows: Sequence[Standard | StandardRow]) -> list[dict[str, Any]]:
    """What the standard's views show, of the register's rows and one's own alike."""
    documents = [row.state if isinstance(row, StandardRow) else state_of(row) for row in rows]
    pairs = list(zip(rows, documents, strict=True))
    reasons = texts(session, [(row.id, document["reason_digest"]) for row, document in pairs])
    party, shown = session.context.party, []
    for row, document in pairs:
        issuers = session.directory.staying(session, [UUID(item["tenant"]) for item in document["issuers"]])
        leads, state, ends = str(party) == document["tenant"], document["state"], document["ends"]
        shown.append(
            {
                **document,
                **{name: getattr(row, name) for name in ("id", "version", "epoch", "etag", "entry_hash")},
                "reason": reasons.get((row.id, document["reason_digest"] or "")),
                "allowed_actions": rules.allowed_actions(state, ends, tenant=party, issuers=issuers, leads=leads),
            }
        )
    return shown


def public_text(session: AnySession, kind: type[Standard | Consultation], *, key: UUID, sha256: str) -> UUID:
    """The tenant that keeps this file of a released standard or of a draft open for comment.

    Raises `NotFoundError` for what is not public, or no file of it.
    """
    row = session.get(StandardRow if kind is Standard else ConsultationRow, key)
    files = [] if row is None or row.state["state"] == "closed" else row.state["text"]
    if row is None or sha256 not in [file.get("sha256") for file in files]:
        raise NotFoundError.of("文本 / text", sha256)
    return UUID(row.state["tenant"])


def check_here(session: AnySession, tenant: UUID, *, directory: Directory) -> None:
    """Raises `NotFoundError` saying which tenant has it, where that one lives in another cell."""
    listing = directory.listing(session, tenant)
    if listing is None or listing.cell != directory.settings.cell:
        code = "?" if listing is None else listing.code
        raise NotFoundError(
            "kept_elsewhere",
            f"该内容由辖区 {code} 保存,不在本单元。请访问该辖区的地址。",
            f"This is kept by the tenant {code}, whose records live in another cell. Use that cell's address.",
        )
