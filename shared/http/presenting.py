"""What a list and an answer show: a document that its home signed in no form keeps nobody from reading all others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from events.foreign import MALFORMED
from shared.core.errors import NotFoundError
from shared.core.log import logger
from shared.http.fields.schemas import schema
from shared.http.resources import ACTIONS, ResourceView
from shared.rules.permitting import permitted


def presented(session: Any, shown: ResourceView, *, rows: Sequence[Any]) -> list[Any]:
    """The documents of these rows; one that cannot be shown is left out, and said to the operator."""
    try:
        # Of the possible actions those that have a route here which this person's scopes open.
        found = [
            {**row, ACTIONS: permitted(row[ACTIONS], scopes=shown.actions, held=session.context.scopes)}
            if isinstance(row, Mapping) and ACTIONS in row
            else row
            for row in shown.present(session, rows)
        ]
        documents: list[Any] = schema(shown.view, many=True).dump(found)
    except MALFORMED as error:
        if len(rows) > 1:
            return [document for row in rows for document in presented(session, shown, rows=[row])]
        key = str(getattr(rows[0], "id", "")) if rows else ""
        logger("http").error("document_unreadable", kind=shown.kind.__name__, key=key, exc_info=error)
        return []
    return documents


def presented_one(session: Any, shown: ResourceView, *, row: Any) -> Any:
    """Its document; raises `NotFoundError` where it cannot be shown."""
    documents = presented(session, shown, rows=[row])
    if not documents:
        raise NotFoundError(
            "document_unreadable",
            "该内容由其主办辖区以无法读取的形式签署,不能显示。请联系该辖区更正。",
            "Its home signed this in a form that cannot be read, so it is not shown. Ask that tenant to correct it.",
        )
    return documents[0]
