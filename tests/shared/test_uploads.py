"""Uploads and downloads: in pieces, within bounds, whole or not at all, called what they are."""

from __future__ import annotations

import hashlib
import io
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest

from shared.core.context import PLATFORM
from shared.files.files import KEPT_UNCITED, FileRow, forget_uncited
from shared.http.requests import streams
from shared.journal.session import Database
from tests.builders.cell import Cell
from tests.builders.files import PDF, Desk, aside
from tests.builders.served import served
from tests.parks.builders import Story, agreement_draft

FORM = "application/x-www-form-urlencoded"
LIMIT = 300_000


@pytest.fixture
def desk(cell: Cell, sichuan: UUID) -> Desk:
    return Desk(cell, sichuan)


@pytest.fixture
def small(cell: Cell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Uploads may have few bytes."""
    monkeypatch.setattr(cell.database, "settings", replace(cell.settings, upload_limit=LIMIT))


def fresh(size: int = 0) -> bytes:
    return b"%PDF-1.4 " + uuid4().hex.encode() + bytes(max(0, size - 41))


class Endless(io.RawIOBase):
    """A body that begins with `head` and does not come to an end, and counts what is read of it."""

    def __init__(self, head: bytes = b"") -> None:
        self.head, self.read_bytes = io.BytesIO(head), 0

    def tell(self) -> int:
        return 0

    def seek(self, *_where: int) -> int:
        return 0

    def readinto(self, buffer: Any) -> int:
        given = self.head.read(len(buffer))
        buffer[: len(given)] = given
        self.read_bytes += len(given) or len(buffer)
        return len(given) or len(buffer)


def chunked(desk: Desk, body: Any, media_type: str = PDF) -> Any:
    """As a server passes a body on that has no Content-Length."""
    headers = {"Authorization": f"Bearer {desk.cell.token(desk.tenant)}", "Content-Type": media_type}
    told = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    return desk.client.flask.post("/v1/files", input_stream=body, headers=headers, environ_overrides=told)


@pytest.mark.usefixtures("small")
def test_a_body_of_just_the_limit_is_taken_and_one_byte_more_is_not(desk: Desk) -> None:
    content = fresh(LIMIT)
    assert desk.upload(content).status_code == 201
    assert chunked(desk, io.BytesIO(content)).status_code == 201
    for answer in (desk.upload(content + b"x"), chunked(desk, io.BytesIO(content + b"x"))):
        assert (answer.status_code, answer.json["code"]) == (413, "body_too_large")
    assert aside(desk.cell) == []


@pytest.mark.usefixtures("small")
def test_a_body_without_end_is_read_no_further_than_the_limit(desk: Desk) -> None:
    body = Endless()
    assert chunked(desk, body).status_code == 413
    assert body.read_bytes <= LIMIT + 2 * streams.CHUNK
    assert aside(desk.cell) == []


def test_an_upload_that_breaks_off_is_not_kept_as_something_shorter(desk: Desk) -> None:
    content = fresh(1000)
    headers = {"Authorization": f"Bearer {desk.cell.token(desk.tenant)}", "Content-Type": PDF}
    for terminated in (True, False):
        told = {"CONTENT_LENGTH": "5000"} | ({"wsgi.input_terminated": True} if terminated else {})
        answer = desk.client.flask.post(
            "/v1/files", input_stream=io.BytesIO(content), headers=headers, environ_overrides=told
        )
        assert (answer.status_code, answer.json["code"]) == (400, "body_incomplete")
    assert (desk.row(hashlib.sha256(content).hexdigest()), aside(desk.cell)) == (None, [])


class Broken(io.BytesIO):
    """A body in which the server finds a chunk that is none."""

    def read(self, *_size: int | None) -> bytes:
        raise RuntimeError("invalid chunk size")


def test_a_body_that_the_server_cannot_read_is_refused_wherever_it_is_sent(desk: Desk) -> None:
    assert chunked(desk, Broken()).json["code"] == "body_incomplete"
    headers = {"Authorization": f"Bearer {desk.cell.token(desk.tenant)}", "Content-Type": "application/json"}
    told = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    answer = desk.client.flask.post("/v1/parks", input_stream=Broken(), headers=headers, environ_overrides=told)
    assert (answer.status_code, answer.json["code"]) == (400, "bad_request")


def test_so_does_a_connection_that_is_cut(desk: Desk) -> None:
    content = fresh(700_000)
    with served(desk.cell) as url:
        place = urlsplit(url)
        head = (
            f"POST /v1/files HTTP/1.1\r\nHost: {place.netloc}\r\nAuthorization: Bearer {issued(desk, url)}\r\n"
            f"Content-Type: {PDF}\r\nContent-Length: 900000\r\n\r\n"
        )
        with socket.create_connection((place.hostname or "", place.port or 0)) as client:
            client.sendall(head.encode() + content)
            client.shutdown(socket.SHUT_WR)
            assert b" 400 " in client.recv(1000).splitlines()[0]
    assert (desk.row(hashlib.sha256(content).hexdigest()), aside(desk.cell)) == (None, [])


def issued(desk: Desk, url: str) -> str:
    """A token of the issuer at this address."""
    database, cell = desk.cell.database, desk.cell
    kept = cell.database
    try:
        cell.database = Database(replace(database.settings, issuer=url), "app", clock=cell.clock)
        return cell.token(desk.tenant)
    finally:
        cell.database.close()
        cell.database = kept


def test_a_request_without_content_is_no_file(desk: Desk) -> None:
    assert desk.upload(b"", "").status_code == 400
    assert chunked(desk, io.BytesIO(fresh()), media_type="").json["media_type"] == PDF


def form(*files: tuple[bytes, str, str | None]) -> bytes:
    """A form as browsers send it."""
    parts = [
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="%b"\r\n%b\r\n%b\r\n'
        % (name.encode(), f"Content-Type: {label}\r\n".encode() if label else b"", content)
        for content, name, label in files
    ]
    return b"".join(parts) + b"--x--\r\n"


MULTIPART = "multipart/form-data; boundary=x"


def test_a_form_is_taken_for_the_file_that_it_holds(desk: Desk) -> None:
    content = fresh(700_000) + b"\r\n--x is no boundary\r\n"
    for body in (form((content, "报告/附件.pdf", PDF)), form((content, "附件.pdf", None))):
        answer = desk.upload(body, MULTIPART)
        cited = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content), "media_type": PDF}
        assert (answer.status_code, answer.json) == (201, {**cited, "name": "附件.pdf"})
        assert desk.read(cited["sha256"]).data == content
    table = desk.upload(form((b"code,name\n" + uuid4().hex.encode(), "t.csv", "text/csv")), MULTIPART).json
    assert (table["media_type"], table["name"]) == ("text/csv", "t.csv")


def test_a_form_holds_one_file_whole_and_nothing_else(desk: Desk) -> None:
    one = (fresh(), "a.pdf", PDF)
    field = b'--x\r\nContent-Disposition: form-data; name="note"\r\n\r\nhello\r\n'
    for body in (form(one, one), form(), field + form(one), field + b"--x--\r\n"):
        assert (answer := desk.upload(body, MULTIPART)).status_code == 422
        assert answer.json["code"] == "form_not_one_file"
    for body, kind in ((form(one)[:-9], MULTIPART), (form(one), "multipart/form-data"), (b"--x\r\n\r\n", MULTIPART)):
        assert (desk.upload(body, kind).status_code, aside(desk.cell)) == (400, [])
    assert desk.row(hashlib.sha256(one[0]).hexdigest()) is None


@pytest.mark.usefixtures("small")
def test_the_bounds_hold_in_a_form_too(desk: Desk) -> None:
    assert desk.upload(form((fresh(LIMIT), "a.pdf", PDF)), MULTIPART).status_code == 201
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    assert desk.upload(form((fresh(LIMIT) + b"x", "a.pdf", PDF)), MULTIPART).status_code == 413
    for body in (Endless(head), Endless()):
        assert chunked(desk, body, media_type=MULTIPART).status_code == 413
        assert (body.read_bytes < 4 * LIMIT, aside(desk.cell)) == (True, [])


def test_a_file_is_called_what_it_is_and_the_type_may_be_corrected(desk: Desk, chongqing: UUID) -> None:
    content = fresh()
    assert desk.upload(content, FORM).json["media_type"] == PDF
    table = b"code,name_zh\n" + uuid4().hex.encode()
    first, second = desk.upload(table, "text/plain").json, desk.upload(table, "text/csv").json
    assert (first["media_type"], second["media_type"]) == ("text/plain", "text/csv")
    assert desk.read(second["sha256"]).mimetype == "text/csv"
    story = Story(desk.cell, desk.tenant, chongqing)
    story.draft()
    named = [{**first, "name": "表.csv", "media_type": media_type} for media_type in ("text/csv", "text/plain")]
    story.propose(attachments=named)
    lie = agreement_draft(*story.parties, attachments=[{**first, "name": "表.pdf", "media_type": PDF}])
    other = Story(desk.cell, desk.tenant, chongqing)
    other.draft()
    refused = other.post(desk.tenant, "/agreements", lie)
    assert [(item["pointer"], refused["code"]) for item in refused["errors"]] == [
        ("/attachments/0/media_type", "file_unknown")
    ]
    assert "text/plain" in refused["errors"][0]["message"]["en"]


def test_a_file_is_sent_in_pieces_as_an_attachment_that_runs_nothing(desk: Desk) -> None:
    page = b"<script>alert(1)</script>" + uuid4().hex.encode() * 20_000
    made = desk.upload(page, "text/html").json
    answer = desk.read(made["sha256"])
    assert (answer.data, answer.headers["Content-Length"]) == (page, str(len(page)))
    assert max(len(piece) for piece in pieces(desk, made["sha256"])) <= streams.CHUNK
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def pieces(desk: Desk, sha256: str) -> Iterator[bytes]:
    headers = {"Authorization": f"Bearer {desk.cell.token(desk.tenant)}"}
    with desk.client.flask.get(f"/v1/files/{sha256}", headers=headers, buffered=False) as answer:
        yield from answer.iter_encoded()


def test_a_range_or_nothing_new_is_sent_where_that_is_asked_for(desk: Desk) -> None:
    content = fresh(600_000)
    name = desk.upload(content).json["sha256"]
    part = desk.read(name, Range="bytes=400000-400009")
    assert (part.status_code, part.data, part.headers["Content-Range"]) == (
        206, content[400_000:400_010], f"bytes 400000-400009/{len(content)}")  # fmt: skip
    assert desk.read(name, Range="bytes=900000-").status_code == 416
    for seen in (f'"{name}"', f'W/"{name}"', f'"x", "{name}"', "*"):
        again = desk.read(name, **{"If-None-Match": seen})
        assert (again.status_code, again.data) == (304, b"")
    assert desk.read(name, **{"If-Match": "*"}).data == content


def with_quota(cell: Cell, tenant: UUID, most: int) -> None:
    answer = cell.client(PLATFORM, "system_administrator").put(
        f"/v1/tenants/{tenant}/quotas", {"file_bytes": most}, headers={"If-Match": "*"}
    )
    assert answer.status_code == 200, answer.json
    cell.carry()
    with cell.session(tenant) as session:
        cell.database.directory.refresh(session)


def test_a_tenants_uploads_have_a_quota(desk: Desk, chongqing: UUID) -> None:
    with_quota(desk.cell, desk.tenant, 10_000)
    first = desk.upload(fresh(6000))
    body = Endless()
    refused = [desk.upload(fresh(6000)), chunked(desk, io.BytesIO(fresh(6000)))]
    assert (first.status_code, [(item.status_code, item.json["code"]) for item in refused]) == (
        201, [(409, "quota_reached")] * 2)  # fmt: skip
    assert aside(desk.cell) == []
    assert Desk(desk.cell, chongqing).upload(fresh(6000)).status_code == 201
    with_quota(desk.cell, desk.tenant, 5000)
    assert chunked(desk, body).status_code == 409
    assert body.read_bytes == 0
    assert desk.client.flask.delete(
        f"/v1/files/{first.json['sha256']}", headers={"Authorization": f"Bearer {desk.cell.token(desk.tenant)}"}
    ).status_code == 200  # fmt: skip
    assert desk.upload(fresh(4000)).status_code == 201


def test_what_others_sent_counts_for_them(desk: Desk, chongqing: UUID) -> None:
    other = Desk(desk.cell, chongqing)
    story = Story(desk.cell, desk.tenant, chongqing)
    story.draft()
    story.propose(chongqing, attachments=[other.cited(fresh(9000))])
    with_quota(desk.cell, desk.tenant, 10_000)
    assert desk.upload(fresh(6000)).status_code == 201


def delete(desk: Desk, sha256: str, **changes: Any) -> Any:
    headers = {"Authorization": f"Bearer {desk.cell.token(desk.tenant, **changes)}"}
    return desk.client.flask.delete(f"/v1/files/{sha256}", headers=headers)


def test_what_is_cited_stays_and_what_nobody_cites_may_go(desk: Desk, chongqing: UUID) -> None:
    file, spare = desk.cited(fresh()), desk.cited(fresh())
    story = Story(desk.cell, desk.tenant, chongqing)
    story.draft()
    story.propose(attachments=[file])
    kept = delete(desk, file["sha256"])
    assert (kept.status_code, kept.json["code"]) == (409, "file_cited")
    assert delete(Desk(desk.cell, chongqing), spare["sha256"]).status_code == 404
    assert delete(desk, spare["sha256"]).status_code == 200
    assert (desk.read(spare["sha256"]).status_code, desk.lies_at(spare["sha256"]).exists()) == (404, False)
    assert desk.read(file["sha256"]).status_code == 200


def test_uploads_that_nothing_cites_are_forgotten_after_a_while(desk: Desk, chongqing: UUID) -> None:
    file, spare = desk.cited(fresh()), desk.cited(fresh())
    story = Story(desk.cell, desk.tenant, chongqing)
    story.draft()
    story.propose(attachments=[file])
    for offset, forgotten in ((KEPT_UNCITED - timedelta(hours=1), 0), (KEPT_UNCITED + timedelta(hours=1), 1)):
        desk.cell.clock.offset = offset
        with desk.cell.worker_database.session(desk.cell.context(desk.tenant)) as session:
            assert forget_uncited(session) == forgotten
    assert (desk.row(spare["sha256"]), desk.lies_at(spare["sha256"]).exists()) == (None, False)
    assert desk.read(file["sha256"]).status_code == 200


def organisation(**more: Any) -> dict[str, Any]:
    return {"role": "organisation_manager", "subject": "boss", "organisation_id": uuid4(), **more}


def test_an_organisation_reads_its_own_files_alone(desk: Desk) -> None:
    ours, others = organisation(), organisation()
    secret, mine = fresh(), fresh()
    official, own = desk.upload(secret).json["sha256"], desk.upload(mine, **ours).json["sha256"]
    assert [read_as(desk, official, who) for who in (None, ours, others)] == [200, 404, 404]
    assert [read_as(desk, own, who) for who in (None, ours, others)] == [200, 200, 404]
    # Whoever has the same content has it, and learns nothing of the others.
    again = desk.upload(secret, **others)
    assert (again.status_code, read_as(desk, official, others)) == (201, 200)
    assert delete(desk, official, **others).status_code == 200
    assert [read_as(desk, official, who) for who in (None, ours, others)] == [200, 404, 404]
    assert delete(desk, own, **others).status_code == 404
    assert delete(desk, own, **ours).status_code == 200
    assert not desk.lies_at(own).exists()


def read_as(desk: Desk, sha256: str, who: dict[str, Any] | None) -> int:
    headers = {"Authorization": f"Bearer {desk.cell.token(desk.tenant, **(who or {}))}"}
    return int(desk.client.flask.get(f"/v1/files/{sha256}", headers=headers).status_code)


def test_an_organisations_uploads_count_for_its_tenant(desk: Desk) -> None:
    ours, others = organisation(), organisation()
    with_quota(desk.cell, desk.tenant, 10_000)
    assert [desk.upload(fresh(600), **who).status_code for who in (ours, ours, others)] == [201, 409, 201]
    assert desk.upload(fresh(8600)).status_code == 201
    assert desk.upload(fresh(300), **others).status_code == 409


def test_a_session_of_an_organisation_writes_no_file_of_another(cell: Cell, sichuan: UUID) -> None:
    ours, now = uuid4(), cell.clock.now()
    row = {"size": 1, "media_type": PDF, "origin_id": sichuan, "received_at": now}
    with cell.session(sichuan, scope="organisation", organisation_id=ours) as session:
        session.add(FileRow(sha256="ab" * 32, organisation_id=ours, **row))
    with (
        pytest.raises(Exception, match="row-level security"),
        cell.session(sichuan, scope="organisation", organisation_id=ours) as session,
    ):
        session.add(FileRow(sha256="cd" * 32, **row))
