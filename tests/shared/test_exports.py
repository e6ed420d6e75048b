"""Exports by job: the list as its asker sees it, once, for the asker alone, whoever writes it and whoever is killed."""

from __future__ import annotations

from datetime import timedelta
from threading import Event, Thread
from typing import Any
from uuid import UUID

import pytest

from services.registry import issuer
from shared.files.store import ASIDE, Store
from shared.http.exports import api, jobs, running
from shared.http.exports.running import LEASE, Exporter, LeaseLostError
from shared.http.lists import exporting
from tests.builders.administration import active_user, security
from tests.builders.cell import Cell, Client
from tests.builders.officials import park_draft

PARKS = "/v1/parks?kind=joint&sort=-updated_at"


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is written at once."""
    monkeypatch.setattr(api, "AT_ONCE", -1.0)


@pytest.fixture
def worker(cell: Cell) -> Exporter:
    return Exporter(cell.worker_database, issuer(cell.worker_database), cell.relay_database)


def asked(client: Client, address: str = PARKS, form: str = "csv") -> dict[str, Any]:
    answer = client.post("/v1/exports", {"list": address, "form": form})
    assert answer.status_code == 201, answer.json
    made: dict[str, Any] = answer.json
    return made


def shown(client: Client, job: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/v1/exports/{job['id']}").json
    return found


def file_of(client: Client, job: dict[str, Any]) -> Any:
    return client.get(f"/v1/exports/{job['id']}/file")


def aside(cell: Cell) -> set[str]:
    """The names of all that lies aside in the store."""
    store = Store(cell.settings)
    try:
        return {path.rpartition("/")[2] for path in store.system.ls(f"{store.root}/{ASIDE}", detail=False)}
    except FileNotFoundError:
        return set()


def test_a_small_list_is_ready_at_once_for_whoever_asked_alone(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    client = cell.client(sichuan)
    for _number in range(3):
        assert client.post("/v1/parks", park_draft(sichuan, chongqing)).status_code == 201
    job = asked(client)
    done = shown(client, job)
    assert (done["state"], done["rows"], done["total"], done["allowed_actions"]) == ("done", 3, 3, [])
    assert done["title"] == {"zh": "园区列表", "en": "Parks"}
    for form in ("csv", "xlsx"):
        found = file_of(client, asked(client, form=form))
        assert found.mimetype == exporting.MEDIA_TYPES[form]
        assert len(found.data) > 500
    assert file_of(client, job).data == client.get(f"{PARKS}&format=csv").data
    assert [one["id"] for one in client.get("/v1/exports").json["items"]][-1] == job["id"]
    for other in (cell.client(sichuan, subject="colleague"), cell.client(chongqing)):
        assert {other.get(f"/v1/exports/{job['id']}").status_code, file_of(other, job).status_code} == {404}
        assert other.get("/v1/exports").json["items"] == []
    narrow = Client(client.flask, lambda: cell.token(sichuan, scopes={"exports:make", "tenants:read"}))
    assert (file_of(narrow, job).status_code, shown(narrow, job)["state"]) == (403, "done")
    assert narrow.post("/v1/exports", {"list": PARKS, "form": "csv"}).status_code == 403


@pytest.mark.parametrize(
    "address",
    ["/v1/me", "/console/parks", "https://example.cn/v1/parks", "/v1/parks/9b2d6f0e-6a1c-4a53-8b59-2f1d3a7c5e10", "x"],
)
def test_what_is_no_list_is_refused(cell: Cell, sichuan: UUID, address: str) -> None:
    answer = cell.client(sichuan).post("/v1/exports", {"list": address, "form": "csv"})
    assert (answer.status_code, answer.json["code"]) == (422, "list_unknown")


def test_a_wrong_filter_is_refused_at_once(cell: Cell, sichuan: UUID) -> None:
    answer = cell.client(sichuan).post("/v1/exports", {"list": "/v1/parks?state=no&x=1", "form": "csv"})
    assert (answer.status_code, {one["pointer"] for one in answer.json["errors"]}) == (422, {"/state", "/x"})


@pytest.mark.usefixtures("later")
def test_the_worker_writes_what_takes_longer_and_tells_how_far_it_is(
    cell: Cell, sichuan: UUID, worker: Exporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "PAGE", 5)
    monkeypatch.setattr(running, "RENEW_EVERY", 0)
    client, told = cell.client(sichuan, "audit_administrator"), list[dict[str, Any]]()
    job = asked(client, "/v1/audit/acts?sort=-name")
    assert shown(client, job)["state"] == "running"

    def look() -> None:
        cell.clock.advance(timedelta(seconds=1))
        told.append(shown(client, job))

    worker.pulse = look
    while worker.run_exports():
        pass
    half = told[len(told) // 2]
    assert (half["state"], half["total_is"], half["total"]) == ("running", "exact", shown(client, job)["rows"])
    assert 0 < half["rows"] < half["total"]
    assert half["seconds_left"] > 0
    assert file_of(client, job).data == client.get("/v1/audit/acts?sort=-name&format=csv").data


@pytest.mark.usefixtures("later")
def test_whoever_loses_the_right_before_it_is_written_gets_nothing(cell: Cell, sichuan: UUID, worker: Exporter) -> None:
    person = active_user(cell, sichuan)
    client = cell.client(sichuan, "clerk", subject=person["id"])
    job = asked(client)
    cell.clock.advance(timedelta(seconds=1))
    granted = security(cell, sichuan).post(f"/v1/users/{person['id']}/roles", {"role": "observer"})
    assert granted.status_code == 200, granted.json
    cell.clock.advance(timedelta(seconds=1))
    cell.tokens.clear()
    assert worker.run_exports() == 1
    failed = shown(client, job)
    assert (failed["state"], "撤销" in failed["problem"]["zh"]) == ("failed", True)
    assert (file_of(client, job).status_code, file_of(client, job).json["code"]) == (409, "export_not_done")


@pytest.mark.usefixtures("later")
def test_a_killed_process_leaves_the_job_to_another_and_two_never_finish_it(
    cell: Cell, sichuan: UUID, worker: Exporter
) -> None:
    client, before = cell.client(sichuan), aside(cell)
    job = asked(client)
    killed = worker._taken(sichuan, UUID(job["id"]), is_new=False)
    assert killed is not None
    other = Exporter(cell.worker_database, issuer(cell.worker_database), cell.relay_database)
    assert (other.run_exports(), other.write(sichuan, UUID(job["id"]))) == (0, False)
    cell.clock.advance(LEASE + timedelta(seconds=1))
    assert (other.run_exports(), shown(client, job)["state"]) == (1, "done")
    written = file_of(client, job).data
    # It was not dead, but slow: what it still says of the job counts no more, and its file goes.
    worker._finished(killed, Store(cell.settings).stage([b"late"]), rows=9)
    with pytest.raises(LeaseLostError):
        worker._renewed(killed, rows=9, body={})
    assert (file_of(client, job).data, shown(client, job)["rows"]) == (written, 0)
    assert len(aside(cell) - before) == 1


@pytest.mark.usefixtures("later")
def test_two_processes_at_once_write_a_job_once(cell: Cell, sichuan: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    job, begun, go_on, done = asked(cell.client(sichuan)), list[str](), Event(), list[bool]()
    write = Exporter._written

    def slow(self: Exporter, row: Any, until: Any) -> Any:
        begun.append(str(row.id))
        go_on.wait(10)
        return write(self, row, until)

    monkeypatch.setattr(Exporter, "_written", slow)
    both = [Exporter(cell.worker_database, issuer(cell.worker_database)) for _number in range(2)]
    threads = [Thread(target=lambda one=one: done.append(one.write(sichuan, UUID(job["id"])))) for one in both]  # type: ignore[misc]
    for thread in threads:
        thread.start()
    while not done:
        pass
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert (begun, sorted(done)) == ([job["id"]], [False, True])


@pytest.mark.usefixtures("later")
def test_what_fails_again_and_again_ends_and_what_is_cancelled_is_not_written(
    cell: Cell, sichuan: UUID, worker: Exporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = cell.client(sichuan)
    broken, cancelled = asked(client), asked(client)
    answer = client.post(f"/v1/exports/{cancelled['id']}/cancel")
    assert (answer.status_code, answer.json["state"]) == (200, "cancelled")
    assert client.post(f"/v1/exports/{cancelled['id']}/cancel").status_code == 409
    monkeypatch.setattr(running, "one_page", lambda *_args, **_given: 1 / 0)
    for _number in range(running.ATTEMPTS):
        assert worker.run_exports() == 1
        cell.clock.advance(timedelta(minutes=1))
    failed = shown(client, broken)
    assert (failed["state"], "联系平台运维" in failed["problem"]["zh"], worker.run_exports()) == ("failed", True, 0)
    assert shown(client, cancelled)["state"] == "cancelled"


def test_jobs_are_bounded_and_go_with_their_files_in_time(
    cell: Cell, sichuan: UUID, worker: Exporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, before = cell.client(sichuan), aside(cell)
    monkeypatch.setattr(jobs, "MOST_KEPT", 2)
    made = [asked(client) for _number in range(3)]
    assert [one["id"] for one in client.get("/v1/exports").json["items"]] == [made[2]["id"], made[1]["id"]]
    assert len(aside(cell) - before) == 2
    monkeypatch.setattr(api, "AT_ONCE", -1.0)
    for _number in range(jobs.MOST_AT_ONCE):
        asked(client)
    answer = client.post("/v1/exports", {"list": PARKS, "form": "csv"})
    assert (answer.status_code, answer.json["code"]) == (409, "exports_many")
    cell.clock.advance(jobs.KEPT + timedelta(minutes=1))
    assert client.get("/v1/exports").json["items"] == []
    while worker.run_exports():
        pass
    assert not aside(cell) - before
