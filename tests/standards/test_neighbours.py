"""What one tenant may read of another's certificates: what the public is told, and all where it recognises them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.builders.cell import Cell
from tests.standards.certification import accredited, acted, issued
from tests.standards.given import given_recognition, given_standard, item, period

DAY = timedelta(days=1)
Thing = dict[str, Any]


@pytest.fixture
def made(cell: Cell, sichuan: UUID) -> Thing:
    standard = given_standard(cell, sichuan)
    return issued(cell, sichuan, accredited(cell, sichuan, standard), standard=standard)


def read(cell: Cell, tenant: UUID, certificate: Thing) -> Thing:
    """By id and by number, which say the same."""
    client = cell.client(tenant)
    one = client.get(f"/v1/certificates/{certificate['id']}")
    other = client.get(f"/v1/certificates/by-number/{certificate['number'].lower()}")
    listed = client.get("/v1/certificates", query_string={"number": certificate["number"]})
    assert (one.status_code, other.status_code) == (200, 200)
    shown = {name: value for name, value in one.json.items() if name != "names"}
    assert one.json == other.json
    assert shown == listed.json["items"][0]
    return shown


def is_closed(shown: Thing) -> bool:
    """Nothing of holder, methods and what it rests on, and where the one is not seen the others are neither."""
    seen = [shown["holder"], shown["methods"], shown["recognition"], shown["spells"]]
    assert len({bool(one) for one in seen}) == 1
    return not any(seen)


def test_who_recognises_a_certificate_reads_it_with_the_scope_and_who_does_not_what_the_public_is_told(
    cell: Cell, sichuan: UUID, chongqing: UUID, made: Thing
) -> None:
    stranger = cell.tenant("hubei")
    since = cell.clock.now() - DAY
    listed = item(UUID(made["standard"]), since, product_classes=["C21"], validity_cap_months=24)
    key = given_recognition(cell, chongqing, sichuan, standard=UUID(made["standard"]), items=[listed])
    shown = read(cell, chongqing, made)
    assert (shown["holder"], shown["methods"]) == ({**made["holder"], "name_zh": None}, made["methods"])
    assert (shown["recognition"]["id"], shown["recognition"]["product_classes"]) == (str(key), ["C21"])
    told = read(cell, stranger, made)
    assert is_closed(told)
    assert (told["state"], told["products"], told["valid_to"]) == ("valid", made["products"], made["valid_to"])
    secret = [made["holder"]["code"], made["holder"]["name_zh"], *made["methods"]]
    assert [one for one in secret if one in str(told)] == []


@pytest.mark.parametrize(
    ("changes", "listed"),
    [
        ({}, {"product_classes": ["C22"]}),
        ({}, {"accepts": "standard"}),
        ({"state": "suspended"}, {}),
        ({"state": "agreed"}, {}),
        ({}, {"until": "2020-01-01T00:00:00Z"}),
    ],
)
def test_a_recognition_that_does_not_cover_it_opens_nothing(
    cell: Cell, sichuan: UUID, chongqing: UUID, made: Thing, changes: Thing, listed: Thing
) -> None:
    standard, since = UUID(made["standard"]), cell.clock.now() - DAY
    periods = {"spells": [period(changes["state"], since)]} if changes else {}
    items = [{**item(standard, since), **listed}]
    given_recognition(cell, chongqing, sichuan, standard=standard, items=items, **changes, **periods)
    assert is_closed(read(cell, chongqing, made))


def test_a_one_sided_recognition_opens_nothing_the_other_way_and_an_ended_one_no_more(
    cell: Cell, sichuan: UUID, chongqing: UUID, made: Thing
) -> None:
    standard = UUID(made["standard"])
    given_recognition(cell, sichuan, chongqing, standard=standard)
    assert is_closed(read(cell, chongqing, made))
    key = given_recognition(cell, chongqing, sichuan, standard=standard)
    assert not is_closed(read(cell, chongqing, made))
    acted(cell, chongqing, f"/v1/recognitions/{key}/suspend", body={"reason": "复查"})
    assert is_closed(read(cell, chongqing, made))
