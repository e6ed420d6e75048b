"""Citing: to know hash, size and type of a file gives nobody its content, nor a sign that somebody has it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from statistics import median
from time import perf_counter
from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.commands import forwarding
from shared.core.context import Context
from shared.core.errors import InvalidError
from shared.files import fetching
from shared.files.citing import check_cited
from shared.files.fetching import FETCH, awaited, receive
from shared.files.files import FileRow, remove_upload
from shared.files.store import Store
from shared.journal.timers import TimerRow
from tests.builders.cell import Cell
from tests.builders.files import PDF, Desk, aside
from tests.parks.builders import Story, agreement_draft

NOWHERE = {"sha256": "ab" * 32, "name": "附件.pdf", "media_type": PDF, "size": 5}


@pytest.fixture
def home(cell: Cell, sichuan: UUID) -> Desk:
    return Desk(cell, sichuan)


@pytest.fixture
def party(cell: Cell, chongqing: UUID) -> Desk:
    return Desk(cell, chongqing)


@pytest.fixture
def story(cell: Cell, sichuan: UUID, chongqing: UUID) -> Story:
    made = Story(cell, sichuan, chongqing)
    made.draft()
    return made


def private() -> bytes:
    return b"%PDF-1.4 only mine " + uuid4().hex.encode()


def proposal(story: Story, *files: dict[str, Any]) -> dict[str, Any]:
    return agreement_draft(*story.parties, attachments=list(files))


def lying(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sender's cell does not look whether its tenant holds what it cites."""
    monkeypatch.setattr(forwarding, "check_cited", lambda *_arguments, **_more: None)


def later(cell: Cell, offset: timedelta) -> None:
    """What is due by then has run, those with low priority too."""
    cell.clock.offset = offset
    while cell.run_timers():
        pass


@pytest.mark.parametrize("lies", [False, True])
def test_a_party_gets_no_file_of_home_by_citing_it(
    story: Story, home: Desk, party: Desk, lies: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = home.cited(private())
    if lies:
        lying(monkeypatch)
    answer = story.post(party.tenant, "/agreements", proposal(story, file))
    assert (answer["status"], answer["code"]) == (422, "file_unknown")
    later(party.cell, timedelta(minutes=1))
    assert party.read(file["sha256"]).status_code == 404
    assert not party.lies_at(file["sha256"]).exists()
    assert story.get(home.tenant, "/agreements")["items"] == []


def test_an_amendment_brings_in_no_file_of_home_either(
    story: Story, home: Desk, party: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    lying(monkeypatch)
    revision = story.propose()
    file = home.cited(private())
    answer = story.patch(party.tenant, f"/agreements/{revision}", {"attachments": [file]})
    assert (answer["status"], answer["code"]) == (422, "file_unknown")
    assert party.read(file["sha256"]).status_code == 404


def test_nor_does_a_third_tenants_file_come_out_by_home_citing_it(
    cell: Cell, story: Story, home: Desk, party: Desk
) -> None:
    third = Desk(cell, cell.tenant("third"))
    file = third.cited(private())
    answer = story.post(home.tenant, "/agreements", proposal(story, file))
    assert (answer["status"], answer["code"]) == (422, "file_unknown")
    with cell.session(party.tenant) as session:
        receive(session, [file], origin=home.tenant)
    later(cell, timedelta(minutes=1))
    assert (party.read(file["sha256"]).status_code, party.row(file["sha256"])) == (404, None)


@pytest.mark.parametrize("lies", [False, True])
def test_the_answer_does_not_tell_what_another_has(
    story: Story, home: Desk, party: Desk, lies: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if lies:
        lying(monkeypatch)
    answers = []
    for file in (home.cited(private()), {**NOWHERE, "size": len(private())}):
        answer = story.post(party.tenant, "/agreements", proposal(story, file))
        answers.append({name: value for name, value in answer.items() if name not in ("id", "correlation_id")})
    assert answers[0] == answers[1]
    read = [party.read(file).json for file in (home.cited(private())["sha256"], NOWHERE["sha256"])]
    assert {item["code"] for item in read} == {"not_found"}


def test_nor_does_the_time_of_the_answer(cell: Cell, home: Desk, party: Desk) -> None:
    """Only the sender's own folder is looked into: both cost the same look-up that finds nothing."""
    large = b"%PDF-1.4 " + bytes(5_000_000)
    files = [home.cited(large), {**NOWHERE, "size": len(large)}]
    took: list[list[float]] = [[], []]
    for _round in range(60):
        for place, file in enumerate(files):
            context = Context(tenant_id=home.tenant, acting_id=party.tenant, actor_id="tester")
            began = perf_counter()
            with pytest.raises(InvalidError), cell.worker_database.session(context) as session:
                check_cited(session, [file], pointer="/attachments")
            took[place].append(perf_counter() - began)
    there, nowhere = (median(times) for times in took)
    # To read these five megabytes takes several times as long as the whole check.
    assert abs(there - nowhere) < 0.5 * min(there, nowhere)


def test_nothing_but_the_senders_folder_is_looked_into(
    cell: Cell, home: Desk, party: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, seen = home.cited(private()), []
    monkeypatch.setattr(Store, "path", lambda _self, tenant, sha256: seen.append(tenant) or f"/nowhere/{sha256}")
    context = Context(tenant_id=home.tenant, acting_id=party.tenant, actor_id="tester")
    with pytest.raises(InvalidError), cell.worker_database.session(context) as session:
        check_cited(session, [file, NOWHERE], pointer="/attachments")
    assert set(seen) == {party.tenant}


def test_a_partys_own_file_comes_to_home_and_to_every_other_party(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    third = cell.tenant("third")
    story = Story(cell, sichuan, chongqing, third)
    story.draft()
    desks = {tenant: Desk(cell, tenant) for tenant in story.parties}
    content = private()
    file = desks[chongqing].cited(content)
    story.propose(chongqing, attachments=[file])
    assert [desk.read(file["sha256"]).data for desk in desks.values()] == [content] * 3
    rows = {tenant: desk.row(file["sha256"]) for tenant, desk in desks.items()}
    origins = {tenant: row.origin_id for tenant, row in rows.items() if row is not None}
    assert origins == {sichuan: chongqing, chongqing: chongqing, third: sichuan}
    assert aside(cell) == []


def test_what_a_thing_cites_already_may_stay_in_an_amendment(story: Story, home: Desk, party: Desk) -> None:
    file = home.cited(private())
    revision = story.propose(attachments=[file])
    # The party's copy is lost, and what home put on the table stays on it all the same.
    party.lies_at(file["sha256"]).unlink()
    terms = {"effective_from": "2022-01-01", "attachments": [file]}
    assert story.patch(party.tenant, f"/agreements/{revision}", terms)["status"] == 200
    lighter = {"effective_from": "2022-01-02", "attachments": [{**file, "size": file["size"] + 1}]}
    assert story.patch(party.tenant, f"/agreements/{revision}", lighter)["code"] == "file_unknown"


def test_a_content_that_home_lacks_is_fetched_when_it_has_it(cell: Cell, home: Desk, party: Desk) -> None:
    content = private()
    file = home.cited(content)
    hidden = home.lies_at(file["sha256"]).rename(home.lies_at(file["sha256"]).with_suffix(".away"))
    with cell.session(party.tenant) as session:
        receive(session, [file], origin=home.tenant)
    assert (party.read(file["sha256"]).json["code"], party.row(file["sha256"])) == ("file_awaited", None)
    for seconds in (6, 30):
        later(cell, timedelta(seconds=seconds))
    with cell.session(party.tenant) as session:
        assert [row.params["attempts"] for row in awaited(session)] == [2]
    hidden.rename(home.lies_at(file["sha256"]))
    later(cell, timedelta(hours=1))
    assert party.read(file["sha256"]).data == content
    with cell.session(party.tenant) as session:
        assert awaited(session) == []


def test_a_content_that_never_comes_is_given_up_in_the_end(
    cell: Cell, home: Desk, party: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses = [
        min(fetching.SOON * 2 ** min(number, 20), fetching.LONGEST_PAUSE) for number in range(fetching.MOST_ATTEMPTS)
    ]
    assert timedelta(days=6) < sum(pauses, timedelta(0)) < timedelta(days=8)
    monkeypatch.setattr(fetching, "MOST_ATTEMPTS", 3)
    with cell.session(party.tenant) as session:
        receive(session, [NOWHERE], origin=home.tenant)
    codes = []
    for hours in range(1, 6):
        codes.append(party.read(NOWHERE["sha256"]).json["code"])
        later(cell, timedelta(hours=hours))
    assert codes == ["file_awaited"] * 4 + ["not_found"]
    assert party.read(NOWHERE["sha256"]).json["code"] == "not_found"


ODD: list[Any] = [
    None, 7, "x", [], {}, {"sha256": "ab" * 32}, {**NOWHERE, "size": "5"}, {**NOWHERE, "size": True},
    {**NOWHERE, "size": -1}, {**NOWHERE, "size": 2**80}, {**NOWHERE, "sha256": None}, {**NOWHERE, "sha256": "AB" * 32},
    {**NOWHERE, "sha256": "../" + "ab" * 30}, {**NOWHERE, "sha256": "ab" * 32 + "\n"},
]  # fmt: skip


def test_what_is_deleted_while_it_is_being_cited_is_fetched(cell: Cell, home: Desk, party: Desk) -> None:
    content = private()
    file = home.cited(content)
    party.cited(content)

    def hear() -> None:
        with cell.session(party.tenant) as session:
            receive(session, [file], origin=home.tenant)

    with ThreadPoolExecutor(1) as pool, cell.session(party.tenant) as session:
        remove_upload(session, str(file["sha256"]), organisation=None)
        received = pool.submit(hear)
        with pytest.raises(TimeoutError):
            received.result(timeout=1)
        session.commit()
        received.result(timeout=20)
    row = party.row(str(file["sha256"]))
    assert row is not None
    assert (row.origin_id, row.cited_at is not None) == (home.tenant, True)
    assert party.read(str(file["sha256"])).data == content


@pytest.mark.parametrize("item", ODD)
def test_what_is_no_citation_in_a_signed_state_fetches_nothing(cell: Cell, home: Desk, party: Desk, item: Any) -> None:
    with cell.session(party.tenant) as session:
        receive(session, [item], origin=home.tenant)
        assert session.query(TimerRow).filter(TimerRow.name == FETCH).all() == []


def test_no_citation_is_a_way_into_another_tenants_folder(cell: Cell, home: Desk, party: Desk) -> None:
    file = Desk(cell, cell.tenant("third")).cited(private())
    way = {**file, "sha256": f"../{cell.tenant('fourth')}/{file['sha256']}"}
    with cell.session(party.tenant) as session:
        receive(session, [way], origin=home.tenant)
        assert session.query(FileRow).all() == []
    with pytest.raises(ValueError, match="not the hexadecimal"):
        Store(cell.settings).path(home.tenant, str(way["sha256"]))


def test_what_one_home_makes_a_tenant_wait_for_is_bounded(
    cell: Cell, home: Desk, party: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "MOST_AWAITED", 30)
    monkeypatch.setattr(fetching, "MOST_CITED", 20)
    seen = []
    for _entry in range(3):
        with cell.session(party.tenant) as session:
            receive(session, [{**NOWHERE, "sha256": uuid4().hex * 2} for _ in range(50)], origin=home.tenant)
            seen.append(session.query(TimerRow).filter(TimerRow.name == FETCH).count())
    assert seen == [20, 30, 30]


def test_a_party_calls_a_file_what_its_bytes_are_whatever_home_says(cell: Cell, home: Desk, party: Desk) -> None:
    files = [{**home.cited(private()), "media_type": "text/html"} for _file in range(2)]
    away = home.lies_at(files[1]["sha256"])
    hidden = away.rename(away.with_suffix(".away"))
    with cell.session(party.tenant) as session:
        receive(session, files, origin=home.tenant)
    hidden.rename(away)
    later(cell, timedelta(minutes=1))
    assert [party.read(file["sha256"]).mimetype for file in files] == [PDF, PDF]


def test_a_store_that_is_away_holds_up_no_entry(
    cell: Cell, story: Story, home: Desk, party: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_arguments: Any, **_more: Any) -> bool:
        raise TimeoutError("the store does not answer")

    content = private()
    file = home.cited(content)
    answer = story.people[home.tenant].post(f"{story.url}/agreements", proposal(story, file))
    assert answer.status_code == 201
    with monkeypatch.context() as outage:
        outage.setattr(Store, "holds", away)
        cell.carry()
    assert story.get(party.tenant, "/agreements/1")["state"] == "proposed"
    later(cell, timedelta(minutes=1))
    assert party.read(file["sha256"]).data == content


def test_what_is_large_is_copied_by_the_timer_and_read_before_it_came(
    story: Story, home: Desk, party: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "AT_ONCE", 1000)
    small, large = home.cited(private()), home.cited(private() + bytes(2000))
    story.propose(attachments=[small, large])
    assert [party.lies_at(file["sha256"]).exists() for file in (small, large)] == [True, False]
    assert len(party.read(large["sha256"]).data) == large["size"]
    party.lies_at(large["sha256"]).unlink()
    later(party.cell, timedelta(minutes=1))
    assert party.lies_at(large["sha256"]).exists()


def test_a_half_copy_is_not_served_and_heals(story: Story, home: Desk, party: Desk) -> None:
    content = private() * 100
    file = home.cited(content)
    story.propose(attachments=[file])
    party.lies_at(file["sha256"]).write_bytes(content[:1000])
    assert party.read(file["sha256"]).data == content
    home.lies_at(file["sha256"]).write_bytes(content[:1000])
    damaged = home.read(file["sha256"])
    assert (damaged.status_code, damaged.json["code"]) == (503, "file_damaged")
    assert home.upload(content).status_code == 201
    assert home.read(file["sha256"]).data == content


def test_what_was_damaged_at_its_sender_spreads_no_further(story: Story, home: Desk, party: Desk) -> None:
    content = private()
    file = home.cited(content)
    home.lies_at(file["sha256"]).write_bytes(bytes(len(content)))
    with party.cell.session(party.tenant) as session:
        receive(session, [file], origin=home.tenant)
    assert not party.lies_at(file["sha256"]).exists()
    assert party.read(file["sha256"]).status_code == 503
