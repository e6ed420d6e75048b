"""Whether a certificate counts: the chain of reasons, valid time and what was known, one at a time and in bulk."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.event import listen, remove

from events import standards as events
from events.canonical import instant
from services.standards.commands import checks
from services.standards.domain import checking, lifecycles
from services.standards.domain.numbers import new_number
from services.standards.domain.reasons import MESSAGES
from services.standards.models import Body, Certificate, Check, Recognition, certificate_id
from services.standards.queries.checking import Inquiry, answers
from shared.core.calendar import day_of
from shared.core.context import PLATFORM
from shared.rules.periods import state_at, with_period, without_last
from tests.builders.cell import Cell
from tests.standards.given import (
    code_of,
    given_body,
    given_certificate,
    given_recognition,
    given_standard,
    item,
    period,
)

DAY = timedelta(days=1)
PARK = "6f1c3c1e-5a0b-4c58-9d0f-0a4f0f2f7a11"


class World:
    """A certificate of Chongqing under a standard of Chongqing, and whoever asks about it."""

    def __init__(self, cell: Cell, chongqing: UUID, sichuan: UUID, **changes: Any) -> None:
        self.cell, self.home, self.other = cell, chongqing, sichuan
        self.standard = given_standard(cell, chongqing)
        self.body = given_body(cell, chongqing, self.standard)
        self.number = given_certificate(cell, chongqing, self.body, standard=self.standard, **changes)

    @property
    def certificate(self) -> UUID:
        return certificate_id(self.home, self.number)

    def recognised(self, **changes: Any) -> UUID:
        return given_recognition(self.cell, self.other, self.home, standard=self.standard, **changes)

    def ask(self, tenant: UUID | None = None, **query: Any) -> Any:
        asked = {"certificate": self.number, **query}
        return self.cell.client(tenant or self.other).get("/v1/recognitions/check", query_string=asked)

    def codes(self, tenant: UUID | None = None, **query: Any) -> list[str]:
        answer = self.ask(tenant, **query)
        assert answer.status_code == 200, answer.json
        assert answer.json["counts"] == all(step["holds"] for step in answer.json["chain"])
        return [step["code"] for step in answer.json["chain"]]

    def change(self, kind: Any, key: UUID, state: str, *, since: Any = None, change: Any = None) -> None:
        """A change of state at home, not delivered yet."""
        with self.cell.session(self.home) as session:
            row = session.locked(kind, key)
            row.state, row.spells = state, with_period(row.spells, state, since=since or session.clock.now())
            session.publish(row, change or events.CertificateSuspended(reason=None))


@pytest.fixture
def world(cell: Cell, chongqing: UUID, sichuan: UUID) -> World:
    return World(cell, chongqing, sichuan)


ALL_WELL = ["certificate_ok", "body_ok", "accreditation_ok", "standard_ok", "recognition_ok", "conditions_ok"]
AT_HOME = [*ALL_WELL[:4], "recognition_not_needed_ok"]


def test_a_certificate_counts_next_door_by_a_recognition_and_every_step_has_its_proof(world: World) -> None:
    world.recognised()
    answer = world.ask(**{"for": "class:C2110"}).json
    assert [step["code"] for step in answer["chain"]] == ALL_WELL
    assert answer["counts"] is True
    assert (answer["certificate"], answer["in"], answer["for"]) == (world.number, str(world.other), "class:C2110")
    proofs = [step["proof"]["id"] for step in answer["chain"]]
    assert proofs[:4] == [str(world.certificate), str(world.body), str(world.body), str(world.standard)]
    with world.cell.session(world.home) as session:
        row = session.one(Certificate, world.certificate)
        proof = answer["chain"][0]["proof"]
        assert (proof["epoch"], proof["version"], proof["entry_hash"]) == (row.epoch, row.version, row.entry_hash)
    with world.cell.session(world.other) as session:
        made = session.one(Recognition, UUID(proofs[4]))
        assert answer["chain"][4]["proof"]["entry_hash"] == made.entry_hash
    assert all(step["message"]["zh"] and step["message"]["en"] for step in answer["chain"])


def test_at_home_no_recognition_is_needed(world: World) -> None:
    assert world.codes(world.home) == AT_HOME


def test_without_a_recognition_it_does_not_count_next_door(world: World) -> None:
    assert world.codes() == [*ALL_WELL[:4], "recognition_none"]


def test_nobody_recognises_on_behalf_of_another(cell: Cell, world: World) -> None:
    key = world.recognised()
    assert world.ask().json["counts"]
    with cell.session(world.other) as session:
        row = session.locked(Recognition, key)
        row.state, row.spells = "ended", with_period(row.spells, "ended", since=row.created_at)
        session.publish(row, events.RecognitionEnded(reason=None))
    # Chongqing, home of this one, says that Sichuan recognises what Chongqing issues.
    given_recognition(cell, world.other, world.home, standard=world.standard, home=world.home)
    assert not world.ask().json["counts"]


def test_what_is_wrong_is_named_at_every_step(cell: Cell, world: World) -> None:
    world.recognised()
    world.change(Certificate, world.certificate, "suspended")
    world.change(Body, world.body, "withdrawn", change=events.BodyWithdrawn(reason=None))
    cell.carry()
    assert world.codes() == ["certificate_suspended", "body_withdrawn", *ALL_WELL[2:]]


@pytest.mark.parametrize("number", ["x", "", "sichuan-2026-ABCDEFGHJKMN-0"])
def test_what_is_no_number_is_unknown_like_one_that_was_never_issued(world: World, number: str) -> None:
    never = new_number(code_of(world.cell, world.home), 2026)
    for asked in filter(None, (number, never)):
        answer = world.ask(certificate=asked).json
        assert (answer["counts"], [step["code"] for step in answer["chain"]]) == (False, ["certificate_unknown"])


def test_a_number_is_found_as_somebody_types_it(world: World) -> None:
    assert world.codes(world.home, certificate=f" {world.number.lower()} ") == AT_HOME


def test_a_day_means_its_end_in_beijing(cell: Cell, chongqing: UUID, sichuan: UUID) -> None:
    noon = cell.clock.now() - 3 * DAY
    world = World(cell, chongqing, sichuan, spells=[period("valid", noon - 9 * DAY), period("suspended", noon)],
                  state="suspended", valid_from=day_of(noon - 9 * DAY))  # fmt: skip
    day = day_of(noon)
    assert world.codes(chongqing, as_of=str(day))[0] == "certificate_suspended"
    assert world.codes(chongqing, as_of=str(day - DAY))[0] == "certificate_ok"
    assert world.codes(chongqing, as_of=instant(noon - timedelta(microseconds=1)))[0] == "certificate_ok"
    assert world.codes(chongqing, as_of=instant(noon))[0] == "certificate_suspended"


def test_the_term_holds_from_its_first_day_to_its_last(world: World) -> None:
    with world.cell.session(world.home) as session:
        row = session.one(Certificate, world.certificate)
        first, last = row.valid_from, row.valid_to
    assert world.codes(world.home, as_of=str(first))[0] == "certificate_ok"
    assert world.codes(world.home, as_of=str(first - DAY))[0] == "certificate_not_yet_valid"
    assert world.codes(world.home, as_of=str(last))[0] == "certificate_ok"
    assert world.codes(world.home, as_of=str(last + DAY))[0] == "certificate_expired"


def test_what_was_known_then_is_told_apart_from_what_was_true(cell: Cell, world: World) -> None:
    world.recognised()
    cell.clock.advance(DAY)
    before = instant(cell.clock.now())
    since = cell.clock.now() - timedelta(hours=20)
    world.change(Certificate, world.certificate, "revoked", since=since)
    assert world.codes() == ALL_WELL, "the revocation is on its way"
    cell.clock.advance(DAY)
    cell.carry()
    assert world.codes()[0] == "certificate_revoked"
    assert world.codes(as_of=before)[0] == "certificate_revoked", "it was not true then"
    assert world.codes(as_of=before, known_at=before) == ALL_WELL, "but nobody knew"
    assert world.codes(as_of=instant(since - DAY / 24))[0] == "certificate_ok"


def test_before_anything_was_received_the_certificate_was_unknown(cell: Cell, world: World) -> None:
    early = instant(cell.clock.now() - 100 * DAY)
    assert world.codes(known_at=early) == ["certificate_unknown"]


def test_a_recognition_is_known_from_when_this_tenant_received_it(cell: Cell, world: World) -> None:
    cell.clock.advance(DAY)
    before = instant(cell.clock.now())
    world.recognised()
    assert world.codes() == ALL_WELL
    assert world.codes(known_at=before) == [*ALL_WELL[:4], "recognition_none"]


def test_a_correction_counts_as_if_the_mistake_had_not_been(cell: Cell, world: World) -> None:
    """Also where the mistake took the place of what was true: a suspension that ended before."""
    now = cell.clock.now()
    periods = [period("valid", now - 9 * DAY), period("suspended", now - 7 * DAY), period("valid", now - 5 * DAY)]
    revoked = with_period(periods, "revoked", since=now - 8 * DAY)
    assert [state_at(revoked, now - days * DAY) for days in (9, 8, 6, 1)] == ["valid", *["revoked"] * 3]
    assert without_last(revoked) == periods


def test_an_own_certificate_under_a_foreign_standard_needs_that_standard_recognised(
    cell: Cell, chongqing: UUID, sichuan: UUID
) -> None:
    standard = given_standard(cell, sichuan)
    body = given_body(cell, chongqing, standard)
    world = World(cell, chongqing, sichuan)
    world.number = given_certificate(cell, chongqing, body, standard=standard)
    assert world.codes(chongqing)[4:] == ["recognition_none"]
    held = [item(standard, cell.clock.now() - DAY, accepts="standard")]
    given_recognition(cell, chongqing, sichuan, standard=standard, items=held)
    assert world.codes(chongqing) == ALL_WELL
    assert world.codes(sichuan, **{"in": str(chongqing)}) == ALL_WELL, "its lead holds the recognition as a party"


def test_a_national_standard_needs_no_recognition_at_home_and_only_the_platforms_is_one(
    cell: Cell, chongqing: UUID, sichuan: UUID
) -> None:
    world = World(cell, chongqing, sichuan)
    for issuer, expected in ((PLATFORM, ["recognition_not_needed_ok"]), (sichuan, ["recognition_none"])):
        standard = given_standard(cell, issuer, standard_kind="national")
        body = given_body(cell, chongqing, standard)
        world.number = given_certificate(cell, chongqing, body, standard=standard)
        assert world.codes(chongqing)[4:] == expected


def test_a_body_of_another_tenant_lends_its_name_to_nobody(cell: Cell, world: World) -> None:
    foreign = given_body(cell, world.other, world.standard)
    world.number = given_certificate(cell, world.home, foreign, standard=world.standard)
    assert world.codes(world.home)[1] == "body_of_another_tenant"


@pytest.mark.parametrize(
    ("limits", "asked", "expected"),
    [
        ({"product_classes": ["C22"]}, "", "recognition_out_of_scope"),
        ({"product_classes": ["C21"]}, "class:C2110", "recognition_ok"),
        ({"sectors": ["家具"]}, "", "recognition_out_of_scope"),
        ({"sectors": ["家具"]}, "sector:家具", "recognition_ok"),
        ({"parks": [PARK]}, "", "recognition_out_of_scope"),
        ({"parks": [PARK]}, f"park:{PARK}", "recognition_ok"),
        ({"extra_tests": ["GB/T 1"]}, "", "conditions_tests_missing"),
        ({"validity_cap_months": 0}, "", "conditions_too_old"),
        ({"accepts": "standard"}, "", "recognition_none"),
    ],
)  # fmt: skip
def test_the_scope_and_conditions_of_a_recognition_decide(world: World, limits: Any, asked: str, expected: str) -> None:
    world.recognised(items=[item(world.standard, world.cell.clock.now() - DAY, **limits)])
    assert expected in world.codes(**({"for": asked} if asked else {}))


def test_the_recognition_that_covers_wins_over_one_that_has_ended(cell: Cell, world: World) -> None:
    ended = [period("in_force", cell.clock.now() - 9 * DAY), period("ended", cell.clock.now() - DAY)]
    world.recognised(spells=ended, state="ended")
    assert world.codes()[4] == "recognition_ended"
    world.recognised()
    assert world.codes() == ALL_WELL


def test_only_what_one_knows_is_answered(cell: Cell, world: World) -> None:
    world.recognised()
    third = cell.tenant("guizhou")
    there = {"in": code_of(cell, world.other)}
    assert world.codes(world.home, **there) == ALL_WELL, "the certificate's home is a party of the recognition"
    refused = world.ask(third, **there)
    assert (refused.status_code, refused.json["code"]) == (422, "ask_there")
    assert world.codes(third, **{"in": str(world.home)}) == AT_HOME, "registers are everybody's"
    unknown = world.ask(**{"in": str(uuid4())})
    assert (unknown.json["code"], unknown.json["errors"][0]["pointer"]) == ("invalid", "/in")


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"for": "colour:red"}, "/for"), ({"for": "class:1c"}, "/for"), ({"for": "class:C1,class:C2"}, "/for"),
        ({"for": "park:x"}, "/for"), ({"for": "class:"}, "/for"), ({"as_of": "2026-02-30"}, "/as_of"),
        ({"as_of": "1899-12-31"}, "/as_of"), ({"as_of": "2026-01-01T00:00:00"}, "/as_of"),
        ({"known_at": "2199-01-01T00:00:00Z"}, "/known_at"), ({"known_at": "2026-01-01"}, "/known_at"),
        ({"certificate": "x" * 101}, "/certificate"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused_with_its_place(world: World, query: Any, pointer: str) -> None:
    answer = world.ask(**query)
    assert (answer.status_code, [fault["pointer"] for fault in answer.json["errors"]]) == (422, [pointer])


def test_a_document_that_cannot_be_read_is_an_answer_and_no_error(world: World) -> None:
    with world.cell.session(world.home) as session:
        row = session.locked(Body, world.body)
        row.grants = [{"grant": 1}]
        session.publish(row, events.BodyExtended(grant=1))
    world.cell.carry()
    assert world.codes(world.home) == ["certificate_unreadable"]


def test_many_are_asked_at_once_with_the_same_answers(cell: Cell, world: World) -> None:
    world.recognised()
    third = cell.tenant("guizhou")
    items = [
        {"certificate": world.number},
        {"certificate": "nothing"},
        {"certificate": world.number, "in": str(third)},
        {"certificate": world.number, "in": str(world.home), "as_of": "2000-01-01"},
    ]
    found = cell.client(world.other).post("/v1/recognitions/checks", {"items": items, "chain": True}).json["results"]
    assert [one["counts"] for one in found] == [True, False, None, False]
    assert [one["code"] for one in found] == [None, "certificate_unknown", "ask_there", "certificate_not_yet_valid"]
    assert [step["code"] for step in found[0]["chain"]] == ALL_WELL
    short = cell.client(world.other).post("/v1/recognitions/checks", {"items": items[:1]}).json["results"]
    assert short[0]["chain"] is None
    wrong = cell.client(world.other).post(
        "/v1/recognitions/checks", {"items": [items[0], {"certificate": "x", "for": "y"}]}
    )
    assert [fault["pointer"] for fault in wrong.json["errors"]] == ["/items/1/for"]


def test_every_check_is_written_down_and_forgotten_after_400_days(cell: Cell, world: World) -> None:
    checks._looked_at.clear()
    world.codes(world.home, **{"for": "class:C2110"})
    with cell.session(world.home) as session:
        [row] = session.scalars(select(Check)).all()
        assert (row.number, row.asked_in, row.asked_for, row.counts) == (world.number, world.home, "class:C2110", True)
        assert row.known_at == row.as_of == row.asked_at
    for days, left in ((399, 1), (3, 0)):
        cell.clock.advance(days * DAY)
        cell.run_timers()
        with cell.session(world.home) as session:
            assert session.scalar(select(func.count()).select_from(Check)) == left


def test_a_hundred_questions_take_as_many_statements_as_one(cell: Cell, world: World) -> None:
    world.recognised()
    moment = cell.clock.now()
    # After five times PostgreSQL keeps one plan for any number of them.
    one = Inquiry(number=world.number, tenant=world.other)
    many = [Inquiry(number=world.number, tenant=world.other, known_at=moment - n * DAY) for n in range(100)]
    counted = [_statements(world, asked) for asked in ([one], many)]
    assert counted == [2, 3], "what is known, until when, and where the past is asked about until when it was then"


def test_a_check_asks_what_is_known_until_when_and_nothing_twice(cell: Cell, world: World) -> None:
    world.recognised()
    sent: list[str] = []

    def note(*given: Any) -> None:
        # Every process looks once a second for tenants that are new.
        sent.extend([given[2]] if "FROM shared.directory" not in given[2] else [])

    assert world.ask().json["counts"]
    listen(cell.database.engine, "before_cursor_execute", note)
    answer = world.ask().json
    remove(cell.database.engine, "before_cursor_execute", note)
    assert {name["kind"] for name in answer["names"].values()} >= {"body", "certificate", "recognition", "standard"}
    assert [sql.split()[0] for sql in sent] == ["WITH", "SELECT", "INSERT"]


def test_an_answer_about_the_past_shows_the_names_of_now(cell: Cell, world: World) -> None:
    then = instant(cell.clock.now())
    with cell.session(world.home) as session:
        row = session.locked(Body, world.body)
        row.name_zh = "虚构更名中心"
        session.publish(row, events.BodyAccredited(code=row.code))
    cell.carry()
    for query in ({}, {"known_at": then}):
        assert world.ask(**query).json["names"][str(world.body)]["zh"] == "虚构更名中心"


def _statements(world: World, inquiries: list[Inquiry]) -> int:
    sent: list[Any] = []

    def note(*given: Any) -> None:
        sent.append(given[2])

    with world.cell.session(world.other) as session:
        session.connection()
        session.directory.listing(session, world.other)
        listen(world.cell.database.engine, "before_cursor_execute", note)
        assert answers(session, inquiries)[0].counts is True
        remove(world.cell.database.engine, "before_cursor_execute", note)
    return len(sent)


def test_every_code_that_a_chain_can_have_has_its_message() -> None:
    source = Path(checking.__file__).read_text()
    steps = "certificate|body|accreditation|standard|recognition|conditions"
    written = set(re.findall(rf'"((?:{steps})_[a-z_]+)"', source)) - {"standard_id", "body_id"}
    by_state = {
        "certificate": (lifecycles.CERTIFICATE_LIFECYCLE, "valid"), "body": (lifecycles.BODY_LIFECYCLE, "accredited"),
        "standard": (lifecycles.STANDARD_LIFECYCLE, "in_force"),
        "recognition": (lifecycles.RECOGNITION_LIFECYCLE, "in_force"),
    }  # fmt: skip
    from_states = {
        f"{step}_{state}" for step, (cycle, good) in by_state.items() for state in cycle.states if state != good
    }
    not_yet = {f"{step}_not_yet" for step in ("body", "standard", "recognition")}
    not_known = {f"{document}_not_known" for document in checking.RESTS_ON.values()}
    assert written | from_states | not_yet | not_known == set(MESSAGES)
