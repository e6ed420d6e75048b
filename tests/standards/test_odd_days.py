"""Days at the ends of the calendar, in everything that standards take: refused with a sentence, or they work."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from tests.builders.cell import Cell
from tests.standards.certification import accredited, body_draft, certificate_draft, grant_draft
from tests.standards.given import given_standard
from tests.standards.recognition import act, item_draft, proposed

ODD = ("0001-01-01", "1899-12-31", "2201-01-01", "9998-12-31", "9999-12-31", "长期", "2025-02-29", "10000-01-01")


@pytest.fixture
def standard(cell: Cell, sichuan: UUID) -> UUID:
    return given_standard(cell, sichuan)


@pytest.mark.parametrize("day", ODD)
def test_an_odd_day_is_refused_where_a_day_is_needed(cell: Cell, sichuan: UUID, standard: UUID, day: str) -> None:
    client, key = cell.client(sichuan), uuid4()
    grant = grant_draft(cell, standard)
    supposed = {"recognised": "chongqing", "items": [item_draft(standard)]}
    answers = {
        "valid_to": client.post("/v1/bodies", body_draft(cell, standard, grants=[{**grant, "valid_to": day}])),
        "valid_from": client.post("/v1/bodies", body_draft(cell, standard, grants=[{**grant, "valid_from": day}])),
        "certificate": client.post(
            "/v1/certificates", certificate_draft(cell, str(key), standard=standard, valid_to=day)
        ),
        "from": client.post("/v1/recognitions/dry-run", {"from": day, **supposed}),
        "on": client.post(f"/v1/recognitions/{key}/end", {"reason": "试验", "on": day}),
        "as_of": client.get(f"/v1/recognitions/check?certificate=X&as_of={day}"),
        "known_at": client.get(f"/v1/recognitions/check?certificate=X&known_at={day}T00:00:00%2B14:00"),
    }
    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(answers, 422)


@pytest.mark.parametrize("day", ["9999-12-31", "长期有效", "2200-12-31"])
def test_a_recognition_that_was_proposed_without_end_can_be_agreed_to(
    cell: Cell, sichuan: UUID, chongqing: UUID, standard: UUID, day: str
) -> None:
    url = proposed(cell, sichuan, chongqing, standard=standard, mutual=True, ends_on=day)
    for tenant in (sichuan, chongqing):
        assert act(cell, tenant, f"{url}/agree")["status"] == 200
    for tenant in (sichuan, chongqing):
        shown = cell.client(tenant).get(url).json
        assert (shown["state"], shown["ends_on"]) == ("in_force", day if day.startswith("2") else None)


def test_a_body_may_be_accredited_up_to_the_last_day_there_is(cell: Cell, sichuan: UUID, standard: UUID) -> None:
    body = accredited(cell, sichuan, standard, grants=[grant_draft(cell, standard, valid_to="2200-12-31")])
    assert body["grants"][0]["valid_to"] == "2200-12-31"
