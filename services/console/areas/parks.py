"""Parks and their agreements."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.console.kit.areas import AREAS, area
from services.console.kit.things import Thing
from services.console.kit.values import Values
from shared.pages.asking import Api


def current_agreements(api: Api, park: Thing) -> Mapping[str, Any]:
    """The agreement in force and those that wait for signatures, with what their fields are called."""
    listing = AREAS["agreements"].listing
    body = api.get(listing.path.replace("{key}", park.key), limit=20).body
    values = Values(body.get("names", {}))
    terms = listing.answer and listing.answer.field("terms")
    shares = terms and terms.field("shares")
    shown = [(one, values) for one in body["items"] if one["state"] in ("in_force", "agreed", "proposed")]
    return {"agreements": shown, "shape": listing.answer, "share": shares and shares.items}


area(
    name="parks",
    path="/v1/parks",
    kind="park",
    title="园区 / Parks",
    icon="building-factory-2",
    group="shared",
    go="p",
    order=1,
    columns=("home", "parties", "kind", "state", "area_km2", "starts_on", "updated_at"),
    filters=("state", "party", "kind"),
    primary=("resume", "propose", "revise", "set_entry_rules", "call_off", "suspend", "dissolve", "withdraw"),
    fields=("name_zh", "name_en", "kind", "parties", "location", "area_km2", "sectors", "starts_on", "ends_on"),
    ours=("parties",),
    tabs=("agreements",),
    waiting={"agreements": "proposed"},
    follows={"propose": "agreements"},
    special={"/terms/shares": "shares.html"},
    template="park.html",
    shows=current_agreements,
    hides=("current_agreement", "upcoming_agreements"),
    empty="还没有园区。先起草一个,选好参与方,对方随即可见。"
    " / There is no park yet. Draft one and choose the parties; they see it at once.",
)
area(
    name="agreements",
    path="/v1/parks/{key}/agreements",
    item="/v1/parks/{key}/agreements/{revision}",
    address=("park", "revision"),
    within="parks",
    kind="agreement",
    title="协议 / Agreements",
    icon="signature",
    heading=("revision",),
    called_as="协议第 {} 版 / Agreement, revision {}",
    columns=("state", "effective_from", "sign_by", "signatures", "updated_at"),
    primary=("sign", "refuse", "amend", "withdraw"),
    special={"/terms/shares": "shares.html"},
    template="agreement.html",
    hides=("signatures", "missing_signatures", "revision", "park"),
)
