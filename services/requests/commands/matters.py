"""A party of a park raises a matter about it: a case without an item of a provider, answered by the duty table."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services.requests.commands.answering import answered_by
from services.requests.commands.cases import begin_case
from services.requests.domain.matters import ITEM_IDS, SHEET, item_of
from services.requests.models import Case
from shared.core.errors import RefusedError
from shared.journal.session import Session


def raise_matter(session: Session, *, park: UUID, kind: str, organisation: UUID | None, **filled: Any) -> Case:
    """By an official of a party, for its tenant or for an organisation; nobody else sees it until it is filed.

    Which organisations are settled in a park is not recorded yet, so their people ask their tenant's officials.
    """
    if session.context.organisation_id is not None:
        raise RefusedError(
            "residents_unknown",
            "入驻机构尚未登记,园区事项由参与方的工作人员提出。请与所在辖区联系。",
            "Who is settled in a park is not recorded yet, so officials of its parties raise its matters. Get in touch"
            " with those of your jurisdiction.",
        )
    offered = {
        "item_id": ITEM_IDS[kind], "item": item_of(kind), "sheet": SHEET, "coordinator": None,
        **answered_by(session, park=park, kind=kind),
    }  # fmt: skip
    return begin_case(session, offered, organisation=organisation, park=park, filled=filled)
