"""My jobs: a list is exported by one press, followed where it takes longer, stopped, and its file taken once more."""

from __future__ import annotations

import csv
import io
from uuid import UUID

import pytest

from services.registry import issuer
from shared.http.exports import api
from shared.http.exports.running import Exporter
from tests.builders.cell import Cell
from tests.builders.consoles import Desk, text_of
from tests.builders.identity import make_user
from tests.builders.officials import park_draft
from tests.console.test_organisations import HEADINGS, sent
from tests.organisations.builders import as_csv, made_up


@pytest.fixture
def desk(cell: Cell, sichuan: UUID, chongqing: UUID) -> Desk:
    client = cell.client(sichuan)
    for name in ("联合一园", "联合二园", "嘉陵江园"):
        assert client.post("/v1/parks", park_draft(sichuan, chongqing, name_zh=name)).status_code == 201
    return Desk(cell, make_user(cell, sichuan, "official"))


def test_one_press_gives_the_file_of_what_is_filtered(cell: Cell, sichuan: UUID, desk: Desk) -> None:
    page = desk.get("/console/parks?q=联合&sort=-created_at")
    answer = desk.send(page, "/console/parks/export", do="csv")
    assert answer.status_code == 303, answer.text[-2000:]
    ready = desk.get(answer.headers["Location"])
    job = answer.headers["Location"].partition("?")[0]
    assert f'http-equiv="refresh" content="0; url={job}/file"' in ready.text
    assert "已导出 2 行" in text_of(ready)
    found = desk.get(f"{job}/file")
    assert "%E5%9B%AD%E5%8C%BA%E5%88%97%E8%A1%A8" in found.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(found.data.decode("utf-8-sig"))))
    asked = cell.client(sichuan).get("/v1/parks?q=联合&sort=-created_at&format=csv")
    assert (len(rows), found.data) == (3, asked.data)
    # Come back to, it is not saved again by itself.
    assert "http-equiv" not in desk.get(job).text
    colleague = Desk(cell, make_user(cell, sichuan, "official"))
    assert {colleague.get(one).status_code for one in (job, f"{job}/file")} == {404}


def test_a_longer_one_is_followed_stopped_and_found_again_beside_imports(
    cell: Cell, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "AT_ONCE", -1.0)
    jobs = []
    for form in ("csv", "xlsx"):
        answer = desk.send(desk.get("/console/parks"), "/console/parks/export", do=form)
        jobs.append(answer.headers["Location"].partition("?")[0])
        assert 'data-follow="1"' in desk.get(answer.headers["Location"]).text
    stopped = desk.send(desk.get(jobs[0]), f"{jobs[0]}/cancel")
    assert "没有留下文件" in text_of(desk.get(stopped.headers["Location"]))
    there = sent(desk, as_csv(made_up(1), HEADINGS), "机构.csv")
    listed = desk.get("/console/jobs")
    assert all(one in listed.text for one in (*jobs, there, "data-follow"))
    assert f"{jobs[1]}/file" not in listed.text
    worker = Exporter(cell.worker_database, issuer(cell.worker_database), cell.relay_database)
    while worker.run_exports():
        pass
    listed = desk.get("/console/jobs")
    assert (f"{jobs[1]}/file" in listed.text, f"{jobs[0]}/file" in listed.text) == (True, False)
    assert desk.get(f"{jobs[1]}/file").data.startswith(b"PK")
    assert "/console/jobs" in desk.get("/console").text
