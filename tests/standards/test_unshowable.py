"""Broadcast documents that their home signed in no form: they harm nobody who reads another's."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.builders.cell import Cell
from tests.standards.given import given_standard

WRONG: list[tuple[dict[str, Any], int]] = [
    ({"text": [{"size": "much"}]}, 404), ({"text": [{"size": []}]}, 404), ({"sheet": [{"materials": 5}]}, 404),
    ({"text": [{}]}, 200), ({"ends": {"on": "2026-01-01"}}, 404),
]  # fmt: skip


@pytest.mark.parametrize(("wrong", "status"), WRONG, ids=str)
def test_a_document_of_no_form_harms_no_list_and_is_no_error_of_the_platform(
    cell: Cell, sichuan: UUID, chongqing: UUID, wrong: dict[str, Any], status: int
) -> None:
    subject = f"odd-{uuid4().hex[:8]}"
    good = given_standard(cell, sichuan, subject=subject)
    bad = given_standard(cell, chongqing, subject=subject, **wrong)
    reader = cell.client(sichuan)
    answer = reader.get(f"/v1/standards?subject={subject}")
    assert answer.status_code == 200, answer.json
    assert str(good) in [item["id"] for item in answer.json["items"]]
    alone = reader.get(f"/v1/standards/{bad}")
    assert alone.status_code == status, alone.json
    assert status == 200 or alone.json["code"] == "document_unreadable"
    assert reader.get(f"/v1/public/standards/{bad}/text/{'ab' * 32}").status_code == 404
