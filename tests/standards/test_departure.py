"""An issuer, or the other side of a recognition, leaves the platform: the others go on, and nothing waits for it."""

from __future__ import annotations

from uuid import UUID

import pytest

from services.standards.commands import departing
from tests.builders.cell import Cell
from tests.builders.leaving import leave
from tests.standards.drafting import Drafting, today
from tests.standards.given import given_standard
from tests.standards.recognition import act, proposed, recognised

REASON = {"reason": "试验"}


@pytest.fixture
def three(cell: Cell, sichuan: UUID, chongqing: UUID) -> Drafting:
    return Drafting(cell, sichuan, chongqing, cell.tenant("guizhou"))


@pytest.mark.parametrize("before", [0, 1, 2], ids=["nobody", "one", "all others"])
def test_the_others_sign_and_release_without_who_has_left(three: Drafting, cell: Cell, before: int) -> None:
    three.open()
    three.present()
    sichuan, chongqing, guizhou = three.issuers
    for tenant in (chongqing, sichuan)[:before]:
        assert three.sign(tenant)["status"] == 200
    leave(cell, guizhou)
    shown = three.get(chongqing)
    assert [item["tenant"] for item in shown["issuers"]] == [str(sichuan), str(chongqing)]
    assert set(shown["missing_signatures"]) == {str(sichuan), str(chongqing)}, "the content is another: all sign anew"
    for tenant in (sichuan, chongqing):
        assert three.sign(tenant)["status"] == 200
    standard = three.standard(chongqing)
    assert (standard["state"], len(standard["numbers"])) == ("in_force", 2)


def test_a_draft_goes_on_to_its_release(three: Drafting, cell: Cell) -> None:
    three.open()
    sichuan, chongqing, guizhou = three.issuers
    three.number(guizhou)
    leave(cell, guizhou)
    three.number(sichuan, chongqing)
    assert three.post(chongqing, "/present")["status"] == 200
    for tenant in (chongqing, sichuan):
        assert three.sign(tenant)["status"] == 200
    assert three.standard()["state"] == "in_force"


@pytest.mark.parametrize("before", [0, 1, 2], ids=["nobody", "one", "all others"])
def test_a_standard_is_withdrawn_and_restored_without_who_has_left(three: Drafting, cell: Cell, before: int) -> None:
    three.open()
    three.present()
    url = f"/v1/standards/{three.conclude()['id']}"
    sichuan, chongqing, guizhou = three.issuers
    end = {"effective_on": today(cell), **REASON}
    for tenant in (chongqing, sichuan)[:before]:
        assert three.post(tenant, f"{url}/withdraw", end)["status"] == 200
    leave(cell, guizhou)
    for tenant in (chongqing, sichuan)[before:]:
        assert "withdraw" in three.get(tenant, url)["allowed_actions"]
        assert three.post(tenant, f"{url}/withdraw", end)["status"] == 200
    assert [three.get(tenant, url)["state"] for tenant in (sichuan, chongqing)] == ["withdrawn"] * 2
    for tenant in (sichuan, chongqing):
        assert three.post(tenant, f"{url}/restore", REASON)["status"] == 200
    assert [three.get(tenant, url)["state"] for tenant in (sichuan, chongqing)] == ["in_force"] * 2


def test_a_restoration_that_waited_for_who_has_left_counts(three: Drafting, cell: Cell) -> None:
    three.open()
    three.present()
    url = f"/v1/standards/{three.conclude()['id']}"
    sichuan, chongqing, guizhou = three.issuers
    end = {"effective_on": today(cell), **REASON}
    for tenant in three.issuers:
        assert three.post(tenant, f"{url}/withdraw", end)["status"] == 200
    for tenant in (sichuan, chongqing):
        assert three.post(tenant, f"{url}/restore", REASON)["status"] == 200
    assert three.get(sichuan, url)["state"] == "withdrawn"
    leave(cell, guizhou)
    assert [three.get(tenant, url)["state"] for tenant in (sichuan, chongqing)] == ["in_force"] * 2


@pytest.mark.parametrize("mutual", [False, True])
def test_a_recognition_ends_with_the_other_side(cell: Cell, sichuan: UUID, chongqing: UUID, *, mutual: bool) -> None:
    standard = given_standard(cell, sichuan)
    held = recognised(cell, sichuan, chongqing, standard=standard, mutual=mutual)
    open_one = proposed(cell, sichuan, chongqing, standard=standard, mutual=mutual)
    leave(cell, chongqing)
    client = cell.client(sichuan)
    assert [client.get(url).json["state"] for url in (f"/v1/recognitions/{held['id']}", open_one)] == ["ended"] * 2
    draft = {"recognised": str(chongqing), "title_zh": "互认", "items": []}
    assert act(cell, sichuan, "/v1/recognitions", draft)["status"] == 422


def test_what_does_not_fit_into_one_transaction_follows_in_the_next(
    cell: Cell, sichuan: UUID, chongqing: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(departing, "AT_ONCE", 1)
    standard = given_standard(cell, sichuan)
    opened = [proposed(cell, sichuan, chongqing, standard=standard, mutual=False) for _one in range(3)]
    leave(cell, chongqing)
    assert [cell.client(sichuan).get(url).json["state"] for url in opened] == ["ended"] * 3


def test_what_is_replaced_or_merged_needs_no_word_of_who_has_left(three: Drafting, cell: Cell) -> None:
    three.open()
    three.present()
    old = three.conclude()
    sichuan, chongqing, guizhou = three.issuers
    leave(cell, guizhou)
    two = Drafting(cell, sichuan, chongqing)
    two.open(replaces=[old["id"]])
    two.present()
    two.conclude()
    assert two.get(sichuan, f"/v1/standards/{old['id']}")["state"] == "superseded"
