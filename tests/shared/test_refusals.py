"""What gunicorn refuses before there is a request is a problem document like every other refusal."""

from __future__ import annotations

import json
import runpy
import socket
from pathlib import Path
from typing import Any

import pytest
from gunicorn.http import errors

from shared.http.bounds import FIELDS, LINE
from shared.http.refusals import Worker, refusal
from shared.jose import LARGEST_TOKEN

THEIRS = [
    (errors.LimitRequestLine(9000, LINE), 414, "address_too_long"),
    (errors.LimitRequestHeaders("too many"), 431, "headers_too_large"),
    (errors.InvalidRequestLine("\ud800\0"), 400, "request_malformed"),
    (errors.InvalidHeader("x"), 400, "request_malformed"),
    (errors.InvalidChunkSize(b"zz"), 400, "request_malformed"),
    (errors.UnsupportedTransferCoding("x"), 501, "transfer_coding"),
    (errors.ExpectationFailed("x"), 417, "expectation_failed"),
    (errors.InvalidResponseHeader("x"), 500, "internal"),
    (ZeroDivisionError("x"), 500, "internal"),
]


@pytest.mark.parametrize(("error", "status", "code"), THEIRS, ids=lambda one: type(one).__name__)
def test_each_is_a_whole_answer_in_both_languages(error: Exception, status: int, code: str) -> None:
    head, _, body = refusal(error, correlation="c").partition(b"\r\n\r\n")
    problem = json.loads(body)
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert b"Content-Length: %d" % len(body) in head
    assert b"Content-Type: application/problem+json" in head
    assert (problem["status"], problem["code"], problem["correlation_id"]) == (status, code, "c")
    assert problem["message"]["zh"] != problem["message"]["en"]


def test_a_connection_that_is_gone_is_no_trouble() -> None:
    here, there = socket.socketpair()
    there.close()
    here.close()
    worker: Any = object.__new__(Worker)
    worker.handle_error(None, here, None, errors.InvalidHeader("x"))


def test_gunicorn_takes_as_much_as_pages_forms_and_tokens_may_need(monkeypatch: Any, settings: Any) -> None:
    monkeypatch.setattr("shared.settings.Settings.load", lambda: settings)
    given = runpy.run_path(str(Path(__file__).parents[2] / "deploy" / "gunicorn.conf.py"))
    assert (given["limit_request_line"], given["limit_request_field_size"]) == (LINE, LINE)
    assert given["limit_request_fields"] == FIELDS
    assert len("Authorization: Bearer ") + LARGEST_TOKEN < LINE
