"""Parts of a case: split among authorities, handed back, done, whole again; whose days they take, and who sees them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.requests.domain import parts as rules
from services.requests.domain.parts import owner_of_days
from shared.core.calendar import day_of, read_moment
from shared.reference.working_days import national
from tests.builders.cell import Cell
from tests.builders.working import actions
from tests.requests.given import REASON, code, done, filed, opened, refused, uploaded

LEAD, ONE, OTHER = (UUID(int=number) for number in range(1, 4))


def part(part: int, to: UUID, state: str = "open", **values: Any) -> dict[str, Any]:
    return {"part": part, "to": str(to), "state": state, "moves": [], **values}


@pytest.mark.parametrize(
    ("parts", "owner"),
    [
        ([], str(LEAD)), ([part(1, ONE, "done")], str(LEAD)), ([part(1, ONE)], str(ONE)),
        ([part(1, ONE), part(2, ONE)], str(ONE)), ([part(1, ONE), part(2, OTHER)], "several"),
        ([part(1, ONE), part(2, LEAD)], str(LEAD)), ([part(1, ONE), part(2, OTHER, "handed_back")], str(LEAD)),
        ([part(1, ONE, "lapsed")], str(LEAD)),
    ],
)  # fmt: skip
def test_a_day_is_of_whoever_the_case_waits_for_and_of_the_lead_where_it_is_among_them(
    parts: list[dict[str, Any]], owner: str
) -> None:
    assert owner_of_days(parts, handler=LEAD) == owner


def test_parts_are_bounded_and_each_goes_to_somebody_else_at_most_three_times() -> None:
    two = [{"to": LEAD}, {"to": ONE}]
    assert code(rules.check_split, [], two, lead=LEAD) is None
    assert code(rules.check_split, [], [{"to": LEAD}] * 2, lead=LEAD) == "split_to_self"
    many = [part(number, ONE, "done") for number in range(1, 16)]
    assert code(rules.check_split, many, two, lead=LEAD) == "parts_many"
    case = {"parts": many, "handler": LEAD}
    assert code(rules.check_part_turn, case, action="split", by=LEAD) == "parts_many"
    moved = part(1, ONE, moves=[{"by": str(LEAD)}, {"by": str(ONE)}, {"by": str(LEAD)}])
    assert code(rules.check_readdressed, moved, to=OTHER, lead=LEAD) is None
    assert code(rules.check_readdressed, moved, to=ONE, lead=LEAD) == "part_to_same"
    moved["moves"].append({"by": str(LEAD)})
    assert code(rules.check_readdressed, moved, to=OTHER, lead=LEAD) == "part_moves_many"
    assert code(rules.check_readdressed, moved, to=LEAD, lead=LEAD) is None


def test_a_part_is_due_within_the_term_of_its_case() -> None:
    today, last = date(2026, 7, 1), date(2026, 7, 29)
    for day, expected in (
        (today, None),
        (last, None),
        (date(2026, 6, 30), "part_due"),
        (date(2026, 7, 30), "part_due"),
    ):
        assert code(rules.check_due, {"/parts/0/due_on": day}, today=today, last=last) == expected
    assert code(rules.check_due, {"/due_on": date(2027, 7, 1)}, today=today, last=None) is None


@pytest.fixture
def guizhou(cell: Cell) -> UUID:
    return cell.tenant("guizhou")


@pytest.fixture
def url(cell: Cell, sichuan: UUID, guizhou: UUID) -> str:
    """A case that Guizhou has accepted."""
    found = filed(cell, sichuan, opened(cell, guizhou))
    done(cell, guizhou, found, "accept")
    return found


def split(cell: Cell, lead: UUID, url: str, *to: UUID) -> dict[str, Any]:
    """The case, a part of it with each of these."""
    return done(cell, lead, url, "split", parts=[{"to": str(one), "task": f"任务 {one}"} for one in to])


def test_a_case_is_split_handed_back_readdressed_and_decided_once_it_is_whole(
    cell: Cell, sichuan: UUID, chongqing: UUID, guizhou: UUID, url: str
) -> None:
    yunnan = cell.tenant("yunnan")
    assert cell.client(chongqing).post("/v1/duty-rules", {"unit": "设备处"}).status_code == 201
    shown = split(cell, guizhou, url, chongqing, yunnan)
    assert [(one["part"], one["state"]) for one in shown["parts"]] == [(1, "open"), (2, "open")]
    there = cell.client(chongqing).get(url).json
    assert (there["applicant"], there["answers"][0]["value"]) == ("华瑞检测有限公司(虚构)", "食品")
    assert there["unit"] == "设备处"
    assert [one["task"] for one in there["parts"]] == [f"任务 {chongqing}", f"任务 {yunnan}"]
    assert set(there["allowed_actions"]) == {"finish_part", "hand_back_part", "claim"}
    assert (url, "finish_part") in actions(cell.client(chongqing))
    assert (url, "decide") not in actions(cell.client(guizhou))
    assert refused(cell, guizhou, url, "decide", outcome="approved", **REASON) == "parts_open"
    assert refused(cell, yunnan, url, "finish_part", part=1, result="试") == "not_your_part"
    assert refused(cell, guizhou, url, "finish_part", part=1, result="试") == "not_your_part"
    back = done(cell, yunnan, url, "hand_back_part", part=2, **REASON)
    assert (back["parts"][1]["state"], back["parts"][1]["moves"][0]["reason"]) == ("handed_back", "试")
    assert (url, "readdress_part") in actions(cell.client(guizhou))
    given = done(cell, guizhou, url, "readdress_part", part=2, to=str(sichuan), **REASON)
    assert (given["parts"][1]["to"], given["parts"][1]["state"]) == (str(sichuan), "open")
    paper = uploaded(cell.client(chongqing))
    done(cell, chongqing, url, "finish_part", part=1, result="设备合格", attachments=[paper])
    whole = done(cell, sichuan, url, "finish_part", part=2, result="人员合格")
    assert [one["state"] for one in whole["parts"]] == ["done", "done"]
    assert whole["parts"][0]["attachments"][0]["sha256"] == paper["sha256"]
    fetched = cell.client(guizhou).get(f"/v1/files/{paper['sha256']}")
    assert fetched.status_code == 200
    told = cell.client(chongqing).get(f"{url}/timeline?limit=1").json["items"][0]
    assert (told["type"], told["summary"]["zh"]) == ("requests.case.merged.v1", "分办全部完成,合并办理")
    decided = done(cell, guizhou, url, "decide", outcome="approved", **REASON)
    assert decided["state"] == "decided"
    # Whoever handed a part back knows to whom it went, and nothing after.
    left = cell.client(yunnan).get(url).json
    assert (left["version"], left["state"], left["allowed_actions"]) == (given["version"], "accepted", [])
    # Those who did a part see how it ends, and are still heard in its thread.
    assert cell.client(chongqing).get(url).json["decision"]["reason"] == "试"
    assert cell.client(chongqing).post(f"{url}/messages", {"text": "原件已寄出"}).status_code == 201
    cell.carry()
    assert len(cell.client(sichuan).get(f"{url}/messages").json["items"]) == 1


def test_who_is_silent_about_a_part_that_goes_to_another_hears_no_more_and_what_it_said_stays(
    cell: Cell, sichuan: UUID, chongqing: UUID, guizhou: UUID, url: str
) -> None:
    yunnan = cell.tenant("yunnan")
    split(cell, guizhou, url, chongqing, guizhou)
    assert cell.client(chongqing).post(f"{url}/messages", {"text": "原件何时寄出?"}).status_code == 201
    cell.carry()
    given = done(cell, guizhou, url, "readdress_part", part=1, to=str(yunnan), **REASON)
    done(cell, yunnan, url, "finish_part", part=1, result="试")
    left = cell.client(chongqing).get(url).json
    assert (left["version"], left["parts"][0]["state"]) == (given["version"], "open")
    for tenant in (sichuan, guizhou):
        (message,) = cell.client(tenant).get(f"{url}/messages").json["items"]
        assert message["home"] == str(chongqing)


def test_days_are_of_whoever_had_parts_and_still_sum_to_all_that_passed(
    cell: Cell, sichuan: UUID, chongqing: UUID, guizhou: UUID, url: str
) -> None:
    def later(days: int) -> None:
        cell.clock.advance(timedelta(days=days))

    split(cell, guizhou, url, chongqing, sichuan)
    later(5)
    done(cell, guizhou, url, "pause", ground="testing", **REASON)
    later(4)
    done(cell, chongqing, url, "finish_part", part=1, result="试")
    assert cell.client(guizhou).get(url).json["due_on"] is None, "a part that is done does not end the pause"
    later(3)
    done(cell, guizhou, url, "resume")
    later(6)
    done(cell, sichuan, url, "finish_part", part=2, result="试")
    later(2)
    clock = cell.client(guizhou).get(url).json["clocks"][-1]
    used = {(one["owner"], one["is_several"], one["ground"]): one["days"] for one in clock["used"]}
    assert set(used) <= {
        (None, True, None), (str(guizhou), False, "testing"), (str(sichuan), False, None), (str(guizhou), False, None),
    }  # fmt: skip
    first, today = (day_of(moment) for moment in (read_moment(clock["began_at"]), cell.clock.now()))
    passed = (first + timedelta(days=number) for number in range(1, (today - first).days + 1))
    assert sum(used.values()) == sum(national().is_working(day) for day in passed)
    assert used[None, True, None] >= 1
    assert used[str(sichuan), False, None] >= 1


def test_a_case_that_is_withdrawn_leaves_no_part_to_do(
    cell: Cell, sichuan: UUID, chongqing: UUID, guizhou: UUID, url: str
) -> None:
    split(cell, guizhou, url, chongqing, guizhou)
    withdrawn = done(cell, sichuan, url, "withdraw")
    assert {one["state"] for one in withdrawn["parts"]} == {"lapsed"}
    assert (url, "finish_part") not in actions(cell.client(chongqing))
    assert refused(cell, chongqing, url, "finish_part", part=1, result="试") == "action_not_allowed"


def test_a_reopened_case_keeps_its_parts_and_is_split_anew(
    cell: Cell, sichuan: UUID, chongqing: UUID, guizhou: UUID, url: str
) -> None:
    split(cell, guizhou, url, chongqing, guizhou)
    done(cell, chongqing, url, "finish_part", part=1, result="试")
    assert refused(cell, guizhou, url, "hand_back_part", part=2, **REASON) == "part_of_lead"
    done(cell, guizhou, url, "finish_part", part=2, result="试")
    done(cell, guizhou, url, "decide", outcome="approved", **REASON)
    done(cell, guizhou, url, "deliver")
    done(cell, sichuan, url, "reopen", **REASON)
    again = split(cell, guizhou, url, chongqing, sichuan)
    assert [(one["part"], one["state"]) for one in again["parts"]] == [
        (1, "done"), (2, "done"), (3, "open"), (4, "open"),
    ]  # fmt: skip
