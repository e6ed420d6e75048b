"""What a form needs to know of a field beyond JSON Schema: what an id is of, which identifier a text is, its lines."""

from __future__ import annotations

from typing import Any

from shared.http.fields.references import ACCOUNT, CLIENT, TENANT, ActorReference, ClientReference, Reference
from shared.http.fields.strict import Text
from shared.http.fields.texts import Identifier
from shared.http.requests.tenants import TenantAddress


def form_hints(_converter: Any, field: Any, **_: Any) -> dict[str, Any]:
    """`x-reference`: the kind of thing that an id names, "" for any; `x-identifier`; `x-lines` where lines count."""
    if isinstance(field, Reference) and field.by is None:
        return {"x-reference": field.kind}
    if isinstance(field, TenantAddress):
        return {"x-reference": TENANT}
    if isinstance(field, ActorReference):
        return {"x-reference": ACCOUNT}
    if isinstance(field, ClientReference):
        return {"x-reference": CLIENT}
    if isinstance(field, Identifier):
        return {"x-identifier": field.kind}
    return {"x-lines": True} if isinstance(field, Text) and field.lines else {}
