"""Conditional requests and preferences as RFC 9110 and RFC 7240 have them, and nothing that fails after a commit."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from shared.core.log import configure, logger
from shared.http import handling
from shared.http.requests.conditions import Tag, positions_of, tags_of
from shared.http.requests.preferences import seconds_to_wait
from shared.http.requests.waiting import Wakeups
from tests.builders.cell import Cell
from tests.builders.officials import drafted, park_draft

ODD = st.text(st.sampled_from('"W/*,; \t=wait1.²\\\0川'), max_size=40)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("*", None), (" * ", None), ('"1.3"', [Tag(False, "1.3")]), ('W/"1.3"', [Tag(True, "1.3")]),
        ('"a","b"', [Tag(False, "a"), Tag(False, "b")]), ('"a" ,\t, W/"b,c" ,', [Tag(False, "a"), Tag(True, "b,c")]),
        ('""', [Tag(False, "")]), (",", []), ('"W/"', [Tag(False, "W/")]),
    ],
)  # fmt: skip
def test_entity_tags_are_read_as_a_list(value: str, found: list[Tag] | None) -> None:
    assert tags_of(value) == found


@pytest.mark.parametrize(
    "value", ["1.3", '"a', 'a"', '"a" "b"', 'w/"a"', 'W/ "a"', '*, "a"', '"a", *', '"a b"', "W/", '"\0"']
)
def test_what_is_no_list_of_entity_tags_is_said(value: str) -> None:
    with pytest.raises(ValueError, match="entity tags"):
        tags_of(value)


@given(ODD)
def test_any_condition_and_any_preference_is_read_or_refused(value: str) -> None:
    with suppress(ValueError):
        tags_of(value)
    assert 0 <= _waits(value) <= 30


def test_a_weak_tag_names_no_position_and_neither_does_another_systems() -> None:
    assert positions_of('W/"1.3", "1.4", "abc", "1.4.5", "1.9999999999"') == ((1, 4),)
    assert positions_of("*") is None


def _waits(value: str) -> float:
    with Flask("x").test_request_context(environ_overrides={"HTTP_PREFER": value}):
        return seconds_to_wait()


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("wait=5", 5), ("WAIT=5", 5), ("wait = 5", 5), ('wait="5"', 5), ("respond-async, wait=5", 5), ("wait=5;a=b", 5),
        ("wait=5, wait=9", 5), ("wait=x, wait=9", 0), ("wait=99999", 30), ('x="a, wait=7", wait=5', 5), ("wait=²", 0),
        ("wait=٣", 0), ("wait=\uff15", 0), ("wait=1e3", 0), ("wait=-1", 0), ("wait=5.5", 0), ("wait", 0), ("wait=", 0),
        ("", 0),
        ("wait=" + "9" * 5000, 0), (",;,wait=5", 5), ("waits=5", 0), ('"wait=5"', 0), ("wait=0", 0), (";", 0),
        ("wait=5 6", 0),
        ('x="a\\", wait=7"', 0), ("handling=lenient; wait=9, wait=5", 5),
    ],
)  # fmt: skip
def test_prefer_wait_is_read_as_rfc_7240_has_it(value: str, seconds: float) -> None:
    assert _waits(value) == seconds


@pytest.mark.parametrize("form", ['"{}"', 'W/"{}"', "*", '"9.9", "{}"', '"9.9" , W/"{}",', '"a,b", "{}"'])
def test_what_the_caller_has_is_not_sent_again(cell: Cell, sichuan: UUID, chongqing: UUID, form: str) -> None:
    url, client = drafted(cell, sichuan, chongqing), cell.client(sichuan)
    etag = client.get(url).headers["ETag"].strip('"')
    answer = client.get(url, headers={"If-None-Match": form.format(etag)})
    assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", f'"{etag}"')


@pytest.mark.parametrize("given", ['"9.9"', "1.1", '"1.1', 'w/"1.1"', "\0", ","])
def test_what_the_caller_has_not_is_sent(cell: Cell, sichuan: UUID, chongqing: UUID, given: str) -> None:
    url = drafted(cell, sichuan, chongqing)
    environ = {"HTTP_IF_NONE_MATCH": given}
    assert cell.client(sichuan).get(url, environ_overrides=environ).status_code == 200


def test_a_file_that_the_caller_has_is_not_sent_again(cell: Cell, sichuan: UUID) -> None:
    client = cell.client(sichuan)
    headers = {"Authorization": f"Bearer {client.mint()}"}
    made = client.flask.post("/v1/files", data=uuid4().bytes, content_type="text/plain", headers=headers)
    url, tag = made.headers["Location"], f'W/"{made.json["sha256"]}"'
    assert client.get(url, headers={"If-None-Match": tag}).status_code == 304
    assert client.get(url, headers={"If-None-Match": '"x"'}).status_code == 200


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ('"9.9", "1.1"', 200), ('"1.1","1.2"', 200), ("*", 200), ('"abc", "1.1"', 200), ('W/"1.1"', 412),
        ('"9.9"', 412),
        ('"abc"', 412), ('W/"1.1", "1.2"', 412), ("1.1", 400), ('*, "1.1"', 400), ('"1.1', 400), ("", 428),
    ],
)  # fmt: skip
@pytest.mark.parametrize("at_home", [True, False])
def test_if_match_names_any_of_several_and_compares_strongly(
    cell: Cell, sichuan: UUID, chongqing: UUID, given: str, status: int, at_home: bool
) -> None:
    url = drafted(cell, sichuan, chongqing)
    client = cell.client(sichuan if at_home else chongqing)
    answer = client.patch(url, {"sectors": ["芯片"]}, headers={"If-Match": given})
    if answer.status_code == 202:
        cell.carry()
        problem = client.get(answer.headers["Location"]).json["problem"]
        assert (problem["status"] if problem else 200) == status
    else:
        assert answer.status_code == status


def test_a_forwarded_change_is_held_to_the_version_known_here_of_those_named(
    cell: Cell, sichuan: UUID, chongqing: UUID
) -> None:
    url = drafted(cell, sichuan, chongqing)
    assert cell.client(sichuan).patch(url, {"sectors": ["芯片"]}).status_code == 200
    # Not carried yet: the party knows 1.1, and home is at 1.2 already.
    answer = cell.client(chongqing).patch(url, {"sectors": []}, headers={"If-Match": '"1.1", "1.3"'})
    cell.carry()
    problem = cell.client(chongqing).get(answer.headers["Location"]).json["problem"]
    assert (problem["status"], problem["code"]) == (412, "version_changed")


class BrokenError(Exception):
    """Whatever may go wrong."""


def _break(*_: Any, **__: Any) -> Any:
    raise BrokenError


@pytest.mark.parametrize(
    "place", [(Wakeups, "until"), (handling, "settled"), (handling, "_final"), (handling, "respond")]
)
def test_whatever_fails_while_waiting_the_command_is_pending(
    cell: Cell, sichuan: UUID, chongqing: UUID, monkeypatch: pytest.MonkeyPatch, place: tuple[Any, str]
) -> None:
    url, whole, calls = drafted(cell, sichuan, chongqing), handling.respond, []

    def second(answer: Any) -> Any:
        calls.append(answer)
        return whole(answer) if len(calls) == 1 else _break()

    monkeypatch.setattr(*place, second if place[1] == "respond" else _break)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(cell.client(chongqing).patch, url, {"sectors": []}, headers={"Prefer": "wait=5"})
        while not asked.done():
            cell.carry()
    answer = asked.result()
    assert (answer.status_code, answer.json["state"]) == (202, "pending")
    monkeypatch.undo()
    cell.carry()
    assert cell.client(chongqing).get(answer.headers["Location"]).json["state"] == "done"


def test_an_answer_that_cannot_be_written_undoes_its_effect(
    cell: Cell, sichuan: UUID, chongqing: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, client = drafted(cell, sichuan, chongqing), cell.client(sichuan)
    monkeypatch.setattr(handling, "respond", _break)
    assert client.patch(url, {"sectors": ["芯片"]}).status_code == 500
    assert client.post("/v1/parks", park_draft(sichuan, chongqing)).status_code == 500
    monkeypatch.undo()
    assert client.get(url).headers["ETag"] == '"1.1"'
    assert len(client.get("/v1/parks").json["items"]) == 1


def test_what_is_left_to_do_after_a_commit_is_tried_again_and_raises_nothing(cell: Cell, sichuan: UUID) -> None:
    tried: list[int] = []

    def flaky() -> None:
        tried.append(1)
        if len(tried) < 3:
            raise BrokenError

    with cell.session(sichuan) as session:
        session.afterwards += [_break, flaky]
    assert len(tried) == 3


def test_a_log_that_nobody_can_write_stops_no_answer(
    cell: Cell, sichuan: UUID, chongqing: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full:
        def write(self, _text: str) -> int:
            raise OSError(28, "No space left on device")

        flush = write

    configure("debug")
    monkeypatch.setattr(sys, "stderr", Full())
    logger("test").error("nobody hears this")
    made = cell.client(sichuan).post("/v1/parks", park_draft(sichuan, chongqing))
    configure("error")
    assert made.status_code == 201
