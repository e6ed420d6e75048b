"""What a form needs to know of a field beyond JSON Schema: what an id is of, what is said of a misfit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow.fields import Field

from shared.core.words import Pair
from shared.http.fields.references import ACCOUNT, CLIENT, TENANT, ActorReference, ClientReference, Reference
from shared.http.fields.strict import DecimalString, Text
from shared.http.fields.texts import Identifier
from shared.http.requests.tenants import TenantAddress

KINDS: Mapping[type[Field[Any]], str] = {TenantAddress: TENANT, ActorReference: ACCOUNT, ClientReference: CLIENT}
"""Fields that always name the same kind of thing."""


def form_hints(_converter: Any, field: Any, **_: Any) -> dict[str, Any]:
    """`x-reference`: the kind of thing that an id names, "" for any; `x-identifier`; `x-lines` where lines count.

    `x-refusal`: what is said of a value that `pattern` or `format` does not admit.
    """
    kind = None
    if isinstance(field, Reference) and field.by is None:
        kind = field.kind
    for cls, called in KINDS.items():
        kind = called if isinstance(field, cls) else kind
    if kind is not None:
        return {"x-reference": kind}
    if isinstance(field, Identifier):
        return {"x-identifier": field.kind}
    refusal = ""
    if isinstance(field, DecimalString):
        refusal = str(field.error_messages["plain"]).format(places=field.places)
    elif isinstance(field, Text) and field.pattern:
        refusal = str(field.error_messages["pattern"])
    said = {"x-refusal": Pair.read(refusal).by_language()} if refusal else {}
    return {**said, **({"x-lines": True} if isinstance(field, Text) and field.lines else {})}
