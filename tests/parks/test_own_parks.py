"""Which parks an organisation's manager is shown, and what of them."""

from __future__ import annotations

from uuid import UUID

from tests.builders.cell import Cell
from tests.builders.officials import active, drafted
from tests.organisations.builders import registered, representative


def test_a_manager_is_shown_the_tenants_parks_at_work_and_nothing_of_what_the_parties_agreed(
    cell: Cell, sichuan: UUID, chongqing: UUID
) -> None:
    manager = representative(cell, sichuan, organisation=registered(cell.client(sichuan))["id"])
    drafted(cell, sichuan, chongqing)
    at_work = active(cell, sichuan, chongqing)
    elsewhere = active(cell, chongqing, cell.tenant("hubei"))
    rules = {"entry_rules": [{"standard": str(UUID(int=1)), "text_zh": "符合本标准"}]}
    assert cell.client(sichuan).post(f"{at_work}/entry-rules", rules).status_code == 200
    [shown] = manager.get("/v1/own/parks").json["items"]
    assert f"/v1/parks/{shown['id']}" == at_work != elsewhere
    assert (shown["state"], shown["entry_rules"][0]["text_zh"]) == ("active", "符合本标准")
    assert not {"consents", "current_agreement", "reason", "etag"} & set(shown)
    assert manager.get(at_work).status_code == 403
    assert cell.client(sichuan).get("/v1/own/parks").json["code"] == "scope_missing"
