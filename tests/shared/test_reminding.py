"""A day to sign by: shown, due in the work list, reminded of three days before and on the day, once each."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from shared.core.calendar import BEIJING, day_of, end_of
from shared.countersigned.reminding import next_reminder
from tests.builders.cell import Cell
from tests.builders.officials import agreement_draft, drafted, sign
from tests.builders.working import listed
from tests.standards.drafting import Drafting, today
from tests.standards.given import given_standard
from tests.standards.recognition import act, proposed, recognition_draft

DAY = date(2026, 12, 10)


@pytest.fixture(autouse=True)
def noon(cell: Cell) -> None:
    """Reminders come in the morning: whether that of today is past must not depend on when the tests run."""
    now = cell.clock.now().astimezone(BEIJING)
    cell.clock.advance((now.replace(hour=12) - now) % timedelta(days=1))


def at(day: int, hour: int) -> datetime:
    return datetime(2026, 12, day, hour, tzinfo=BEIJING)


@pytest.mark.parametrize(
    ("now", "expected"),
    [(at(1, 0), at(7, 9)), (at(7, 9), at(10, 9)), (at(9, 23), at(10, 9)), (at(10, 9), None), (at(11, 0), None)],
)
def test_the_next_reminder_is_that_of_three_days_before_or_of_the_day(now: datetime, expected: datetime | None) -> None:
    assert next_reminder(DAY, now) == expected


def pass_days(cell: Cell, days: int) -> None:
    """What is due is run twice, as by two workers, and heard of."""
    for _day in range(days):
        cell.clock.advance(timedelta(days=1))
        cell.run_timers()
        cell.run_timers()
        cell.carry()


def reminders(cell: Cell, tenant: UUID, url: str) -> int:
    lines = cell.client(tenant).get(f"{url}/timeline?limit=100").json["items"]
    return [line["type"].rsplit(".", 2)[1] for line in lines].count("reminded")


def test_a_proposed_agreement_is_reminded_of_twice_stays_proposed_and_is_overdue(
    cell: Cell, sichuan: UUID, chongqing: UUID
) -> None:
    url, last = drafted(cell, sichuan, chongqing), today(cell, 5)
    draft = agreement_draft(sichuan, chongqing)
    made = cell.client(sichuan).post(f"{url}/agreements", {**draft, "sign_by": last}).json
    cell.carry()
    assert (made["sign_by"], made["reminded_at"]) == (last, None)
    waiting = listed(cell.client(chongqing))[0]
    assert (waiting["due"][:10], waiting["overdue"]) == (last, False)
    counts = []
    for days in (1, 2, 2, 2):
        pass_days(cell, days)
        counts.append(reminders(cell, chongqing, url))
    assert counts == [0, 1, 2, 2]
    revision = f"{url}/agreements/1"
    for tenant in (sichuan, chongqing):
        now = cell.client(tenant).get(revision).json
        assert (now["state"], now["content_hash"], "sign" in now["allowed_actions"]) == (
            "proposed", made["content_hash"], True
        )  # fmt: skip
        assert now["reminded_at"] is not None
        assert [(item["url"], item["overdue"]) for item in listed(cell.client(tenant), "overdue=true")] == [
            (revision, True)
        ]
    assert sign(cell.client(sichuan), url).status_code == 200


def test_nobody_is_reminded_of_what_is_signed(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    url, draft = drafted(cell, sichuan, chongqing), agreement_draft(sichuan, chongqing)
    cell.client(sichuan).post(f"{url}/agreements", {**draft, "sign_by": today(cell, 5)})
    cell.carry()
    for tenant in (sichuan, chongqing):
        sign(cell.client(tenant), url)
        cell.carry()
    pass_days(cell, 6)
    assert reminders(cell, sichuan, url) == 0


def test_a_day_to_sign_by_lies_after_today(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    url, draft = drafted(cell, sichuan, chongqing), agreement_draft(sichuan, chongqing)
    for day in (today(cell), today(cell, -1)):
        answer = cell.client(sichuan).post(f"{url}/agreements", {**draft, "sign_by": day})
        assert (answer.status_code, answer.json["code"], answer.json["errors"][0]["pointer"]) == (
            422, "sign_by_past", "/sign_by"
        )  # fmt: skip


def test_a_text_and_a_recognition_are_reminded_of_too(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    two = Drafting(cell, sichuan, chongqing)
    two.open(effective_from=today(cell, 30))
    two.number()
    assert two.post(chongqing, "/present", {"sign_by": today(cell, 2)})["status"] == 200
    draft = recognition_draft(chongqing, given_standard(cell, chongqing), mutual=True, sign_by=today(cell, 2))
    recognition = f"/v1/recognitions/{act(cell, sichuan, '/v1/recognitions', draft)['id']}"
    assert act(cell, sichuan, f"{recognition}/agree")["status"] == 200
    due = end_of(day_of(cell.clock.now()) + timedelta(days=2))
    items = [item for item in listed(cell.client(chongqing)) if item["action"] in ("sign", "agree")]
    assert {datetime.fromisoformat(item["due"]) for item in items} == {due}
    pass_days(cell, 3)
    for url in (two.url, recognition):
        assert [reminders(cell, tenant, url) for tenant in (sichuan, chongqing)] == [1, 1]
    assert act(cell, chongqing, f"{recognition}/agree")["status"] == 200
    shown = cell.client(sichuan).get(recognition).json
    assert (shown["state"], shown["sign_by"]) == ("in_force", None)


def test_lists_narrow_to_what_is_to_be_signed_by_us(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    parks = [drafted(cell, sichuan, chongqing) for _park in range(2)]
    for url in parks:
        cell.client(sichuan).post(f"{url}/agreements", agreement_draft(sichuan, chongqing))
    cell.carry()
    sign(cell.client(chongqing), parks[0])
    cell.carry()
    proposed(cell, sichuan, chongqing, standard=given_standard(cell, chongqing))

    def found(tenant: UUID, path: str) -> list[Any]:
        answer = cell.client(tenant).get(path)
        assert answer.status_code == 200, answer.json
        return [item.get("park", item["id"]) for item in answer.json["items"]]

    keys = [url.rpartition("/")[2] for url in parks]
    assert found(chongqing, "/v1/agreements?to_sign=true") == [keys[1]]
    assert found(chongqing, "/v1/agreements?to_sign=false") == [keys[0]]
    assert set(found(sichuan, "/v1/agreements?to_sign=true")) == set(keys)
    assert found(chongqing, f"/v1/agreements?park={keys[0]}") == [keys[0]]
    assert [len(found(who, "/v1/recognitions?to_sign=true")) for who in (sichuan, chongqing)] == [1, 0]
    assert found(chongqing, "/v1/projects?to_sign=true") == []
