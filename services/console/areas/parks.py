"""Parks and their agreements."""

from __future__ import annotations

from services.console.kit.areas import area

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
    primary=("propose", "resume", "call_off", "revise", "set_entry_rules", "suspend", "dissolve", "withdraw"),
    fields=("name_zh", "name_en", "kind", "parties", "location", "area_km2", "sectors", "starts_on", "ends_on"),
    tabs=("agreements",),
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
)
