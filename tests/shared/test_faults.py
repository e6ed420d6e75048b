"""Faults are counted, not listed without end: few bytes that came do not go back as many."""

from __future__ import annotations

import json

import pytest
from marshmallow import Schema, ValidationError

from shared.commands.validation import faults_of
from shared.core.errors import MOST_FAULTS, Fault, InvalidError

MANY = 60_000


def test_all_of_few_faults_are_named():
    faults = [Fault(f"/{number}", "错", "wrong") for number in range(MOST_FAULTS)]
    assert InvalidError("x", "错", "wrong", faults).faults == faults


def test_of_many_faults_the_first_are_named_and_the_rest_is_counted_once():
    problem = InvalidError("x", "错", "wrong", [Fault(f"/{number}", "错", "wrong") for number in range(MANY)])
    assert (len(problem.faults), problem.faults[0].pointer) == (MOST_FAULTS, "/0")
    assert problem.faults[-1].en == f"And {MANY - MOST_FAULTS + 1} more that are not listed"
    assert InvalidError("x", "错", "wrong", problem.faults).faults == problem.faults


def test_a_long_name_of_an_unknown_field_is_cut():
    with pytest.raises(ValidationError) as error:
        Schema().load({"长" * 900_000: 1})
    assert len(faults_of(error.value)[0].pointer) < 200


@pytest.mark.parametrize("url", ["/v1/organisations", "/v1/parks"])
def test_a_body_of_unknown_fields_is_refused_in_fewer_bytes_than_it_has(cell, sichuan, url):
    body = {f"k{number}": 1 for number in range(MANY)}
    answer = cell.client(sichuan).post(url, body)
    assert answer.status_code == 422
    assert f"And {MANY - MOST_FAULTS + 1} more" in json.dumps(answer.json) or "more that are not listed" in answer.text
    assert len(answer.data) < 40_000 < len(json.dumps(body))


def test_items_of_unknown_fields_are_refused_in_about_as_many_bytes_as_they_have(cell, sichuan):
    items = [{f"k{number}": 1 for number in range(MANY // 200)} for _ in range(200)]
    answer = cell.client(sichuan).post("/v1/organisations/bulk/register", {"items": items})
    assert {item["status"] for item in answer.json["results"]} == {422}
    assert len(answer.data) < 600_000 < len(json.dumps(items))
