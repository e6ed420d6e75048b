"""Among colleagues and after the end: pools, threads, notes that stay inside, ratings; and many at the same moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from events.requests import MessageSent
from events.text import FreeText
from services.requests.commands.cases import file_case, withdraw_case
from services.requests.commands.handling import decide_case
from services.requests.models import Case, FormerAssignment, Message, Note
from services.requests.queries.items import item as item_told
from shared.core.errors import ConflictError, NotFoundError
from shared.text.identifiers.certificates import check_of
from tests.builders.cell import Cell
from tests.builders.sizes import size, soak
from tests.requests.given import REASON, done, drafted, filed, item_draft, opened, said
from tests.requests.processes import Processes, claims, files


@pytest.fixture
def guizhou(cell: Cell) -> UUID:
    return cell.tenant("guizhou")


@pytest.fixture
def item(cell: Cell, guizhou: UUID) -> str:
    return opened(cell, guizhou)


@pytest.fixture(scope="module")
def processes(the_cell: Cell) -> Iterator[Processes]:
    made = Processes(the_cell.settings)
    yield made
    made.close()


def key_of(url: str) -> UUID:
    return UUID(url.rpartition("/")[2])


def test_a_case_is_claimed_handed_over_and_put_back_by_whoever_has_it(
    cell: Cell, sichuan: UUID, guizhou: UUID, item: str
) -> None:
    url = filed(cell, sichuan, item)
    first, second = (cell.client(guizhou, "clerk", f"clerk-{number}") for number in (1, 2))
    assert len(first.get(f"/v1/requests?unclaimed=true&item={item}").json["items"]) == 1
    claimed = first.post(f"{url}/claim", {}).json
    assert (claimed["person"], "hand_over" in claimed["allowed_actions"]) == ("clerk-1", True)
    assert first.post(f"{url}/claim", {}).status_code == 200
    assert second.post(f"{url}/claim", {}).json["code"] == "claimed"
    assert second.post(f"{url}/put-back", {}).json["code"] == "not_your_case"
    followed = first.post(f"{url}/follow-up", {"on": "2030-01-02"}).json
    assert (followed["follow_up_on"], followed["due_on"]) == ("2030-01-02", claimed["due_on"])
    assert cell.client(sichuan).get(url).json["person"] is None
    assert first.post(f"{url}/put-back", {}).json["person"] is None
    assert second.post(f"{url}/claim", {}).json["person"] == "clerk-2"


def test_what_is_reopened_is_handled_by_somebody_else_than_before(
    cell: Cell, sichuan: UUID, guizhou: UUID, item: str
) -> None:
    url, people = filed(cell, sichuan, item), [str(uuid4()) for _each in range(2)]
    first, second = (cell.client(guizhou, subject=person) for person in people)
    rule = cell.client(guizhou).post("/v1/duty-rules", {"unit": "检测处", "person": people[0]})
    assert rule.status_code == 201, rule.json
    assert first.post(f"{url}/claim", {}).status_code == 200
    done(cell, guizhou, url, "accept")
    done(cell, guizhou, url, "decide", outcome="approved", **REASON)
    done(cell, guizhou, url, "deliver")
    done(cell, sichuan, url, "reopen", **REASON)
    # Not by the duty table either, which names nobody else: it lies in the pool of its unit.
    found = first.get(url).json
    assert (found["person"], found["unit"], "claim" in found["allowed_actions"]) == (None, "检测处", False)
    assert first.post(f"{url}/claim", {}).json["code"] == "handled_before"
    assert second.post(f"{url}/claim", {}).json["person"] == people[1]
    assert second.post(f"{url}/hand-over", {"to": people[0]}).json["code"] == "handled_before"
    with cell.session(sichuan, organisation_id=UUID(int=7), scope="organisation") as session:
        assert session.scalars(select(FormerAssignment)).all() == []


def test_both_sides_read_the_thread_and_nobody_elses_notes(
    cell: Cell, sichuan: UUID, chongqing: UUID, guizhou: UUID, item: str
) -> None:
    url = filed(cell, sichuan, item)
    said(cell.client(sichuan), str(key_of(url)))
    said(cell.client(guizhou), str(key_of(url)))
    cell.carry()
    for tenant in (sichuan, guizhou):
        client = cell.client(tenant)
        assert [one["home"] for one in client.get(f"{url}/messages").json["items"]] == [str(sichuan), str(guizhou)]
        assert len(client.get(f"{url}/notes").json["items"]) == 1
    assert cell.client(chongqing).get(f"{url}/messages").status_code == 404
    # What somebody who has nothing to do with it sends about it stands in no thread.
    with cell.session(chongqing) as session:
        stray = session.create(
            Message, parties=[sichuan, chongqing], organisation_id=chongqing, case_id=key_of(url), by_applicant=False,
            text_digest="sha256:0", attachments=[],
        )  # fmt: skip
        session.publish(stray, MessageSent(case=key_of(url), text=FreeText("试")))
    cell.carry()
    assert len(cell.client(sichuan).get(f"{url}/messages").json["items"]) == 2


def test_an_organisations_people_see_their_cases_and_no_note_of_officials(
    cell: Cell, sichuan: UUID, guizhou: UUID, item: str
) -> None:
    own = UUID(int=7)
    url = drafted(cell.client(sichuan), item, organisation=str(own))
    cell.client(sichuan).post(f"{url}/notes", {"text": "内部"})
    filed(cell, sichuan, item)
    with cell.session(sichuan, organisation_id=own, scope="organisation") as session:
        assert [row.id for row in session.scalars(select(Case))] == [key_of(url)]
        assert session.scalars(select(Note)).all() == []
    with cell.session(guizhou) as session:
        assert session.scalars(select(Note)).all() == []


def test_each_side_rates_the_other_once_and_is_answered_once(
    cell: Cell, sichuan: UUID, guizhou: UUID, item: str
) -> None:
    url = filed(cell, sichuan, item)
    done(cell, guizhou, url, "accept")
    done(cell, guizhou, url, "decide", outcome="approved", **REASON)
    done(cell, guizhou, url, "deliver")
    rated = done(cell, sichuan, url, "rate", score=2, **REASON)
    assert "rate" not in rated["allowed_actions"]
    assert done(cell, guizhou, url, "reply", reply="已改进")["ratings"][0]["reply"] == "已改进"
    both = done(cell, guizhou, url, "rate", score=5, **REASON)
    assert [(one["by"], one["score"]) for one in both["ratings"]] == [("applicant", 2), ("handler", 5)]
    assert cell.client(sichuan).post(f"{url}/rate", {"score": 1, **REASON}).json["code"] == "rated_once"


def test_of_64_clerks_in_four_processes_one_has_the_case(
    cell: Cell, sichuan: UUID, guizhou: UUID, item: str, processes: Processes
) -> None:
    keys = [key_of(filed(cell, sichuan, item)) for _each in range(3)]
    got = processes.at_once(guizhou, claims, given=[(f"clerk-{number}", keys) for number in range(64)])
    assert Counter(key for found in got for key in found) == dict.fromkeys(keys, 1)


def test_a_draft_of_an_item_is_its_officials_alone(cell: Cell, sichuan: UUID, guizhou: UUID) -> None:
    made = cell.client(guizhou).post("/v1/service-items", item_draft()).json
    cell.carry()
    url, key = f"/v1/service-items/{made['id']}", UUID(made["id"])
    assert cell.client(guizhou).get(url).status_code == 200
    assert cell.client(sichuan).get(url).status_code == 404
    with (
        cell.session(guizhou, organisation_id=UUID(int=7), scope="organisation") as session,
        pytest.raises(NotFoundError),
    ):
        item_told(session, key)


@soak
def test_numbers_that_are_given_at_once_are_unique_and_without_gaps(
    cell: Cell, item: str, processes: Processes
) -> None:
    home = cell.tenant("hunan")
    many = size(40, 1000)
    keys = [key_of(drafted(cell.client(home), item)) for _each in range(many)]

    def fail(key: UUID) -> None:
        with pytest.raises(ZeroDivisionError), cell.session(home) as session:
            file_case(session, key)
            raise ZeroDivisionError

    fail(keys[0])
    numbers = processes.at_once(home, files, given=keys)
    assert sorted(int(number.split("-")[-2]) for number in numbers) == list(range(1, many + 1))
    assert all(number[-1] == check_of(number[:-2]) for number in numbers)


@soak
def test_of_withdrawal_and_decision_at_the_same_moment_one_wins_and_the_other_is_told(
    cell: Cell, sichuan: UUID, guizhou: UUID, item: str
) -> None:
    for _each in range(size(10, 1000)):
        url = filed(cell, sichuan, item)
        done(cell, guizhou, url, "accept")
        key = key_of(url)

        def withdraw(key: UUID = key) -> str:
            return attempt(cell.context(sichuan), lambda session: withdraw_case(session, key))

        def decide(key: UUID = key) -> str:
            given: dict[str, Any] = {"outcome": "approved", "reason": FreeText("试"), "ground": None, "remedy": None}
            return attempt(cell.context(sichuan, acting_id=guizhou), lambda session: decide_case(session, key, **given))

        def attempt(context: Any, run: Any) -> str:
            try:
                with cell.database.session(context) as session:
                    return str(run(session).state)
            except ConflictError as error:
                return error.code

        with ThreadPoolExecutor(2) as pool:
            results = [future.result() for future in (pool.submit(withdraw), pool.submit(decide))]
        assert sorted(results) in (["action_not_allowed", "decided"], ["action_not_allowed", "withdrawn"])
        assert cell.client(sichuan).get(url).json["state"] in results
