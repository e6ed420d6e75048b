"""What pages of certificates and consequences show beside their facts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import segno
from markupsafe import Markup

from services.console.calling.description import description
from services.console.calling.visits import visitor
from services.console.kit.things import Thing, history_of
from services.console.kit.values import Values
from shared.http.requests.gate import database
from shared.pages.asking import Api, RefusedByApiError
from shared.pages.languages import t

SUMMARY = "/v1/consequences/summaries/{cause}"


def paper(_api: Api, found: Thing) -> Mapping[str, Any]:
    """The code on a certificate's paper, where it leads, and whether the paper is here."""
    number = found.document["number"]
    address = f"{database().settings.issuer}/c/{number}"
    drawn = segno.make(address, error="m", micro=False).svg_inline(scale=3, light="#fff")
    said = t(f"证书 {number} 的二维码", f"QR code of certificate {number}")
    who = visitor()
    is_ours = who is not None and str(who.tenant) == found.document["home"]
    return {
        "address": f"/c/{number}",
        "code": Markup('<span role="img" aria-label="{}">{}</span>').format(said, Markup(drawn)),  # noqa: S704 - our own
        # Another tenant keeps what it has printed itself.
        "has_paper": is_ours and history_of(found.area, "pdf") is not None,
    }


def summary(api: Api, found: Thing) -> Mapping[str, Any]:
    """What each tenant has done about the same cause, as far as it is known here."""
    operation = description().get("GET", SUMMARY)
    shape = operation.answer.field("tenants") if operation and operation.answer else None
    try:
        body = api.get(SUMMARY.replace("{cause}", str(found.document["cause"]))).body
    except RefusedByApiError:
        body = None
    return {"body": body, "shape": shape, "said": Values(body.get("names", {}) if body else {})}
