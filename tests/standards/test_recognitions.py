"""Recognitions: who agrees, since when what holds, how editions follow each other, and how it ends on both sides."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from services.standards.domain.lifecycles import RECOGNITION_LIFECYCLE
from services.standards.domain.recognition import items_at
from shared.core.calendar import day_of, end_of, start_of
from shared.core.context import PLATFORM
from shared.core.errors import ConflictError
from shared.journal.entries import JournalRow
from shared.rules.periods import state_at
from tests.builders.cell import Cell
from tests.standards.given import given_body, given_certificate, given_standard
from tests.standards.recognition import act, item_draft, pass_days, proposed, recognised, recognition_draft

REASON = {"reason": "对方检测能力复核"}
STEPS = {
    ("proposed", "agree"): "proposed",
    ("in_force", "agree"): "in_force",
    ("proposed", "conclude"): "agreed",
    ("proposed", "begin"): "in_force",
    ("agreed", "begin"): "in_force",
    ("in_force", "propose_edition"): "in_force",
    ("proposed", "object"): "proposed",
    ("in_force", "object"): "in_force",
    ("proposed", "answer"): "proposed",
    ("in_force", "answer"): "in_force",
    ("suspended", "answer"): "suspended",
    ("in_force", "suspend"): "suspended",
    ("suspended", "resume"): "in_force",
    ("proposed", "end"): "ended",
    ("agreed", "end"): "ended",
    ("in_force", "end"): "ended",
    ("suspended", "end"): "ended",
    ("agreed", "restore"): "agreed",
    ("in_force", "restore"): "in_force",
    ("suspended", "restore"): "in_force",
    ("ended", "restore"): "in_force",
}
ACTIONS = dict.fromkeys(step.action for step in RECOGNITION_LIFECYCLE.steps)


@pytest.fixture
def standard(cell: Cell, chongqing: UUID) -> UUID:
    return given_standard(cell, chongqing)


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("state", RECOGNITION_LIFECYCLE.states)
def test_an_action_leads_where_the_table_says_or_is_refused(state, action):
    if (state, action) in STEPS:
        assert RECOGNITION_LIFECYCLE.target(state, action) == STEPS[state, action]
    else:
        with pytest.raises(ConflictError, match="is not possible"):
            RECOGNITION_LIFECYCLE.target(state, action)


def seen(cell: Cell, url: str, *tenants: UUID) -> dict:
    """What all of them see alike, apart from what each may do, and may know of who acted."""
    views = [cell.client(tenant).get(url).json for tenant in tenants]
    common = [{**view, "allowed_actions": [], "names": {}} for view in views]
    assert all(view == common[0] for view in common)
    moment = cell.clock.now()
    assert state_at(common[0]["spells"], moment) == common[0]["state"]
    return views[0]


def url_of(view: dict) -> str:
    return f"/v1/recognitions/{view['id']}"


def test_a_one_sided_recognition_needs_the_agreement_of_who_recognises_alone(cell, sichuan, chongqing, standard):
    url = proposed(cell, sichuan, chongqing, standard=standard)
    before = seen(cell, url, sichuan, chongqing)
    assert (before["state"], before["edition"], before["items"]) == ("proposed", 0, [])
    assert before["pending"]["missing"] == [str(sichuan)]
    assert "agree" not in cell.client(chongqing).get(url).json["allowed_actions"]
    assert act(cell, chongqing, f"{url}/agree")["code"] == "recogniser_only"
    assert act(cell, sichuan, f"{url}/agree")["status"] == 200
    after = seen(cell, url, sichuan, chongqing)
    assert (after["state"], after["edition"], after["pending"]) == ("in_force", 1, None)
    assert [period["state"] for period in after["spells"]] == ["proposed", "in_force"]
    assert after["items"][0]["from"] == after["spells"][1]["from"]


def test_a_mutual_recognition_is_in_force_on_both_sides_by_the_one_entry_of_the_last(
    cell, sichuan, chongqing, standard
):
    url = proposed(cell, sichuan, chongqing, standard=standard, mutual=True)
    assert act(cell, chongqing, f"{url}/agree")["status"] == 200
    assert seen(cell, url, sichuan, chongqing)["pending"]["missing"] == [str(sichuan)]
    assert act(cell, chongqing, f"{url}/agree")["code"] == "already_agreed"
    assert act(cell, sichuan, f"{url}/agree")["status"] == 200
    assert seen(cell, url, sichuan, chongqing)["state"] == "in_force"
    entries = [_entries(cell, tenant, url) for tenant in (sichuan, chongqing)]
    assert entries[0] == entries[1]
    assert [name for name, _bytes in entries[0]] == [
        "standards.recognition.proposed.v1", "standards.recognition.agreed.v1", "standards.recognition.in_force.v1",
    ]  # fmt: skip


def _entries(cell: Cell, tenant: UUID, url: str) -> list[tuple[str, bytes]]:
    mine = JournalRow.aggregate_id == UUID(url.rpartition("/")[2])
    with cell.session(tenant) as session:
        rows = session.scalars(select(JournalRow).where(mine).order_by(JournalRow.version)).all()
        return [(row.type, row.entry) for row in rows]


def test_what_begins_on_a_day_to_come_says_so_at_once_and_moves_on_that_day(cell, sichuan, chongqing, standard):
    today = day_of(cell.clock.now())
    starts_on = today + timedelta(days=10)
    made = recognised(cell, sichuan, chongqing, standard=standard, starts_on=str(starts_on))
    assert made["state"] == "agreed"
    assert state_at(made["spells"], start_of(starts_on)) == "in_force"
    assert made["items"][0]["from"] == made["spells"][-1]["from"]
    pass_days(cell, 9)
    assert seen(cell, url_of(made), sichuan, chongqing)["state"] == "agreed"
    cell.clock.advance(timedelta(days=2))
    # The day has come, but the timer has not run yet.
    on = str(starts_on + timedelta(days=90))
    assert act(cell, chongqing, f"{url_of(made)}/end", {**REASON, "on": on})["status"] == 200
    pass_days(cell, 0)
    after = seen(cell, url_of(made), sichuan, chongqing)
    assert (after["state"], after["spells"][:-1]) == ("in_force", made["spells"])


def test_an_edition_replaces_the_list_as_one(cell, sichuan, chongqing, standard):
    more, new = given_standard(cell, chongqing), given_standard(cell, sichuan)
    made = recognised(
        cell, sichuan, chongqing, standard=standard, mutual=True, items=[item_draft(standard), item_draft(more)]
    )
    url = url_of(made)
    changed = item_draft(more, validity_cap_months=12)
    edition = {"items": [item_draft(standard), changed, item_draft(new)]}
    assert act(cell, chongqing, f"{url}/editions", edition)["status"] == 200
    between = seen(cell, url, sichuan, chongqing)
    assert (between["items"], between["pending"]["edition"]) == (made["items"], 2)
    assert act(cell, sichuan, f"{url}/agree")["status"] == 200
    assert act(cell, chongqing, f"{url}/agree")["status"] == 200
    after = seen(cell, url, sichuan, chongqing)
    assert (after["edition"], after["version"], after["spells"]) == (2, made["version"] + 3, made["spells"])
    moment = cell.clock.now()
    assert {item["standard"] for item in items_at(after, moment)} == {str(standard), str(more), str(new)}
    past = list(items_at(after, datetime.fromisoformat(after["items"][0]["from"])))
    assert [(item["standard"], item["validity_cap_months"]) for item in past] == [
        (item["standard"], item["validity_cap_months"]) for item in made["items"]
    ]
    kept = next(item for item in after["items"] if item["standard"] == str(standard))
    assert kept == next(item for item in made["items"] if item["standard"] == str(standard))
    assert len({item["from"] for item in after["items"]} | {item["until"] for item in after["items"]} - {None}) == 2


def test_an_edition_for_a_day_to_come_leaves_what_holds_until_then(cell, sichuan, chongqing, standard):
    made = recognised(cell, sichuan, chongqing, standard=standard)
    other, day = given_standard(cell, chongqing), day_of(cell.clock.now()) + timedelta(days=5)
    edition = {"items": [item_draft(other)], "starts_on": str(day)}
    assert act(cell, sichuan, f"{url_of(made)}/editions", edition)["status"] == 200
    assert act(cell, sichuan, f"{url_of(made)}/agree")["status"] == 200
    after = seen(cell, url_of(made), sichuan, chongqing)
    assert [item["standard"] for item in items_at(after, cell.clock.now())] == [str(standard)]
    assert [item["standard"] for item in items_at(after, start_of(day))] == [str(other)]
    pass_days(cell, 6)
    told = cell.client(chongqing).get(f"{url_of(made)}/timeline").json["items"]
    assert (told[0]["type"], told[0]["change"]) == ("standards.recognition.begun.v1", {"edition": 2})


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"items": [item_draft(uuid4())]}, "/items/0/standard"),
        ({"recognised": str(PLATFORM)}, "/recognised"),
        ({"recognised": str(uuid4())}, "/recognised"),
        ({"starts_on": "2020-01-01"}, "/starts_on"),
        ({"ends_on": "2020-01-01"}, "/ends_on"),
        ({"items": []}, "/items"),
    ],
)
def test_a_faulty_proposal_is_refused_where_it_is_wrong(cell, sichuan, chongqing, changes, pointer, standard):
    answer = cell.client(sichuan).post("/v1/recognitions", recognition_draft(chongqing, standard, **changes))
    assert answer.status_code == 422, answer.json
    assert [error["pointer"] for error in answer.json["errors"]] == [pointer]


def test_nobody_recognises_itself_nor_one_thing_twice(cell, sichuan, chongqing, standard):
    client = cell.client(sichuan)
    itself = client.post("/v1/recognitions", recognition_draft(sichuan, standard)).json
    assert (itself["code"], itself["errors"][0]["pointer"]) == ("party_unknown", "/recognised")
    twice = [item_draft(standard, sectors=["家具", "建材"]), item_draft(standard, sectors=["建材", "家具"])]
    answer = client.post("/v1/recognitions", recognition_draft(chongqing, items=twice)).json
    assert (answer["code"], answer["errors"][0]["pointer"]) == ("items_invalid", "/items/1")


def test_either_side_suspends_and_only_it_resumes(cell, sichuan, chongqing, standard):
    url = url_of(recognised(cell, sichuan, chongqing, standard=standard))
    assert act(cell, chongqing, f"{url}/suspend", REASON)["status"] == 200
    suspended = seen(cell, url, sichuan, chongqing)
    assert (suspended["state"], suspended["suspended_by"]) == ("suspended", str(chongqing))
    assert suspended["reason"] == REASON["reason"]
    assert act(cell, sichuan, f"{url}/resume")["code"] == "suspender_only"
    assert "resume" not in cell.client(sichuan).get(url).json["allowed_actions"]
    assert act(cell, chongqing, f"{url}/resume")["status"] == 200
    resumed = seen(cell, url, sichuan, chongqing)
    assert [period["state"] for period in resumed["spells"]] == ["proposed", "in_force", "suspended", "in_force"]
    assert resumed["suspended_by"] is None


def test_either_side_ends_it_for_both_at_once(cell, sichuan, chongqing, standard):
    url = url_of(recognised(cell, sichuan, chongqing, standard=standard, mutual=True))
    assert act(cell, chongqing, f"{url}/end", REASON)["status"] == 200
    assert seen(cell, url, sichuan, chongqing)["state"] == "ended"
    assert cell.client(sichuan).get(url).json["allowed_actions"] == []
    assert cell.client(chongqing).get(url).json["allowed_actions"] == ["restore"]


def test_an_end_set_for_a_day_is_in_the_periods_at_once_and_outlives_a_suspension(cell, sichuan, chongqing, standard):
    url = url_of(recognised(cell, sichuan, chongqing, standard=standard))
    day = day_of(cell.clock.now()) + timedelta(days=7)
    assert act(cell, chongqing, f"{url}/end", {**REASON, "on": str(day)})["status"] == 200
    assert act(cell, sichuan, f"{url}/suspend", REASON)["status"] == 200
    planned = seen(cell, url, sichuan, chongqing)
    assert [period["state"] for period in planned["spells"]] == ["proposed", "in_force", "suspended", "ended"]
    assert state_at(planned["spells"], end_of(day)) == "ended"
    pass_days(cell, 6)
    assert seen(cell, url, sichuan, chongqing)["state"] == "suspended"
    pass_days(cell, 2)
    ended = seen(cell, url, sichuan, chongqing)
    assert (ended["state"], ended["spells"]) == ("ended", planned["spells"])


def test_the_last_day_as_agreed_ends_it_and_a_later_end_is_refused(cell, sichuan, chongqing, standard):
    day = day_of(cell.clock.now()) + timedelta(days=3)
    made = recognised(cell, sichuan, chongqing, standard=standard, ends_on=str(day))
    later = {**REASON, "on": str(day + timedelta(days=1))}
    assert act(cell, sichuan, f"{url_of(made)}/end", later)["code"] == "ends_already"
    past = {**REASON, "on": str(day - timedelta(days=9))}
    assert act(cell, chongqing, f"{url_of(made)}/end", past)["code"] == "period_invalid"
    pass_days(cell, 4)
    ended = seen(cell, url_of(made), sichuan, chongqing)
    assert (ended["state"], datetime.fromisoformat(ended["spells"][-1]["from"])) == ("ended", end_of(day))


def test_a_suspension_by_mistake_is_taken_out_of_the_past_and_stays_in_what_was_known(
    cell, sichuan, chongqing, standard
):
    made = recognised(cell, sichuan, chongqing, standard=standard)
    url = url_of(made)
    pass_days(cell, 3)
    assert act(cell, chongqing, f"{url}/suspend", REASON)["status"] == 200
    pass_days(cell, 3)
    assert act(cell, sichuan, f"{url}/restore", REASON)["code"] == "nothing_to_restore"
    assert act(cell, chongqing, f"{url}/restore", {"reason": "误操作"})["status"] == 200
    after = seen(cell, url, sichuan, chongqing)
    assert (after["state"], after["spells"], after["suspended_by"]) == ("in_force", made["spells"], None)
    for tenant in (sichuan, chongqing):
        known = _states(cell, tenant, url)
        assert [period["state"] for period in known[-2]["spells"]] == ["proposed", "in_force", "suspended"]
        assert known[-1]["spells"] == made["spells"]


def _states(cell: Cell, tenant: UUID, url: str) -> list[dict]:
    mine = JournalRow.aggregate_id == UUID(url.rpartition("/")[2])
    with cell.session(tenant) as session:
        return list(session.scalars(select(JournalRow.state).where(mine).order_by(JournalRow.version)))


def test_an_end_by_mistake_gives_back_what_was_before_it(cell, sichuan, chongqing, standard):
    day = day_of(cell.clock.now()) + timedelta(days=30)
    url = url_of(recognised(cell, sichuan, chongqing, standard=standard, ends_on=str(day)))
    assert act(cell, sichuan, f"{url}/suspend", REASON)["status"] == 200
    suspended = seen(cell, url, sichuan, chongqing)
    assert act(cell, chongqing, f"{url}/end", REASON)["status"] == 200
    assert act(cell, chongqing, f"{url}/restore", REASON)["status"] == 200
    restored = seen(cell, url, sichuan, chongqing)
    assert (restored["state"], restored["spells"]) == ("suspended", suspended["spells"])
    pass_days(cell, 32)
    assert seen(cell, url, sichuan, chongqing)["state"] == "ended"
    assert act(cell, sichuan, f"{url}/restore", REASON)["status"] == 200
    late = seen(cell, url, sichuan, chongqing)
    assert [late["state"], *(one["state"] for one in late["spells"])] == ["ended", "proposed", "in_force", "ended"]


def test_one_sides_end_taken_back_leaves_the_others(cell, sichuan, chongqing, standard):
    url = url_of(recognised(cell, sichuan, chongqing, standard=standard))
    day = day_of(cell.clock.now()) + timedelta(days=20)
    assert act(cell, sichuan, f"{url}/end", {**REASON, "on": str(day)})["status"] == 200
    assert act(cell, chongqing, f"{url}/end", {**REASON, "on": str(day - timedelta(days=9))})["status"] == 200
    assert act(cell, chongqing, f"{url}/restore", REASON)["status"] == 200
    left = seen(cell, url, sichuan, chongqing)
    assert (left["state"], [end["by"] for end in left["ends"]]) == ("in_force", [str(sichuan)])
    assert datetime.fromisoformat(left["spells"][-1]["from"]) == end_of(day)


def test_what_was_ended_by_mistake_before_its_first_day_begins_on_it_all_the_same(cell, sichuan, chongqing, standard):
    day = day_of(cell.clock.now()) + timedelta(days=4)
    made = recognised(cell, sichuan, chongqing, standard=standard, starts_on=str(day))
    assert act(cell, chongqing, f"{url_of(made)}/end", REASON)["status"] == 200
    assert seen(cell, url_of(made), sichuan, chongqing)["state"] == "ended"
    assert act(cell, chongqing, f"{url_of(made)}/restore", REASON)["status"] == 200
    restored = seen(cell, url_of(made), sichuan, chongqing)
    assert (restored["state"], restored["spells"]) == ("agreed", made["spells"])
    pass_days(cell, 5)
    assert seen(cell, url_of(made), sichuan, chongqing)["state"] == "in_force"


def test_a_proposal_is_ended_at_once_and_for_good(cell, sichuan, chongqing, standard):
    url = proposed(cell, sichuan, chongqing, standard=standard)
    tomorrow = str(day_of(cell.clock.now()) + timedelta(days=1))
    assert act(cell, chongqing, f"{url}/end", {**REASON, "on": tomorrow})["code"] == "only_proposed"
    assert act(cell, chongqing, f"{url}/end", REASON)["status"] == 200
    assert seen(cell, url, sichuan, chongqing)["state"] == "ended"
    assert act(cell, chongqing, f"{url}/restore", REASON)["code"] == "nothing_to_restore"
    assert act(cell, sichuan, f"{url}/agree")["code"] == "action_not_allowed"


def test_nothing_is_agreed_that_would_begin_after_its_end(cell, sichuan, chongqing, standard):
    today = day_of(cell.clock.now())
    url = proposed(cell, sichuan, chongqing, standard=standard, ends_on=str(today + timedelta(days=2)))
    cell.clock.advance(timedelta(days=4))
    assert act(cell, sichuan, f"{url}/agree")["code"] == "begins_after_end"
    assert act(cell, sichuan, f"{url}/editions", {"items": [item_draft(standard)]})["code"] == "action_not_allowed"


def test_what_a_tenant_recognises_is_its_own_and_unknown_to_a_third(cell, sichuan, chongqing, standard):
    third = cell.tenant("guizhou")
    url = url_of(recognised(cell, sichuan, chongqing, standard=standard))
    client = cell.client(third)
    assert client.get("/v1/recognitions").json["items"] == []
    reads = [client.get(url + part).status_code for part in ("", "/timeline", "/delivery")]
    writes = [client.post(f"{url}/{name}", REASON).status_code for name in ("suspend", "end", "objections")]
    assert {*reads, *writes} == {404}


def test_recognitions_are_found_by_side_state_standard_and_kind(cell, sichuan, chongqing, standard):
    third = cell.tenant("guizhou")
    first = recognised(cell, sichuan, chongqing, standard=standard)["id"]
    second = proposed(cell, sichuan, third, standard=given_standard(cell, third), mutual=True).rpartition("/")[2]

    def found(**filters: str) -> list[str]:
        return [item["id"] for item in cell.client(sichuan).get("/v1/recognitions", query_string=filters).json["items"]]

    assert found() == [second, first]
    assert (found(**{"with": str(third)}), found(**{"with": str(chongqing)})) == ([second], [first])
    assert (found(state="in_force"), found(mutual="true"), found(standard=str(standard))) == (
        [first],
        [second],
        [first],
    )


def test_a_timeline_tells_of_every_edition_and_reason(cell, sichuan, chongqing, standard):
    url = url_of(recognised(cell, sichuan, chongqing, standard=standard))
    assert act(cell, sichuan, f"{url}/editions", {"items": [item_draft(standard, sectors=["家具"])]})["status"] == 200
    assert act(cell, sichuan, f"{url}/agree")["status"] == 200
    assert act(cell, chongqing, f"{url}/suspend", REASON)["status"] == 200
    told = cell.client(chongqing).get(f"{url}/timeline").json["items"]
    assert told[0]["texts"] == {"reason": REASON["reason"]}
    assert [item["change"].get("edition") for item in told] == [None, 2, 2, 1, None]
    assert cell.client(sichuan).get(f"{url}/delivery").json["complete"]


def test_the_moments_are_those_of_beijing(cell, sichuan, chongqing, standard):
    day = day_of(cell.clock.now()) + timedelta(days=2)
    made = recognised(cell, sichuan, chongqing, standard=standard, starts_on=str(day), ends_on=str(day))
    moments = [datetime.fromisoformat(period["from"]).astimezone(UTC) for period in made["spells"][-2:]]
    assert [moment.hour for moment in moments] == [16, 16]
    assert moments[1] - moments[0] == timedelta(days=1)


def test_a_certificate_counts_next_door_exactly_while_the_list_says_so(cell, sichuan, chongqing, standard):
    number = given_certificate(cell, chongqing, given_body(cell, chongqing, standard), standard=standard)
    asked = {"certificate": number, "for": "class:C2110"}

    def counts(**question: str) -> bool:
        answer = cell.client(sichuan).get("/v1/recognitions/check", query_string={**asked, **question})
        assert answer.status_code == 200, answer.json
        return answer.json["counts"]

    assert not counts()
    url = url_of(recognised(cell, sichuan, chongqing, standard=standard))
    assert counts()
    suspended_at = cell.clock.now()
    assert act(cell, chongqing, f"{url}/suspend", REASON)["status"] == 200
    assert not counts()
    cell.clock.advance(timedelta(hours=1))
    assert act(cell, chongqing, f"{url}/restore", REASON)["status"] == 200
    between = (suspended_at + timedelta(minutes=30)).isoformat()
    assert counts(as_of=between)
    assert not counts(as_of=between, known_at=between)
    edition = {"items": [item_draft(standard, product_classes=["C39"])]}
    assert act(cell, chongqing, f"{url}/editions", edition)["status"] == 200
    assert act(cell, sichuan, f"{url}/agree")["status"] == 200
    assert not counts()
    assert counts(as_of=between)
