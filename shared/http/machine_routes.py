"""Routes of the machine itself: pending commands and files."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, current_app, request
from marshmallow import fields
from werkzeug.exceptions import RequestEntityTooLarge

from shared import erasing, files
from shared.acts import FILE_REFUSED, TEXT_ERASED
from shared.audit import detail
from shared.auth import Claims
from shared.db import Session
from shared.erasing import MOST
from shared.errors import NotFoundError
from shared.forwarding import PendingCommand
from shared.http import gate
from shared.http.fields import Schema, count
from shared.http.handling import command_document, respond
from shared.http.openapi import CommandView
from shared.http.problems import http_error
from shared.http.routes import Routes, Shown
from shared.http.texts import Identifier

routes = Routes("machine")


class FileView(Schema):
    """A file of this tenant."""

    sha256 = fields.String(required=True)
    size = fields.Integer(required=True)
    media_type = fields.String(required=True)


class ErasureDraft(Schema):
    """Which texts of which thing to erase; its timeline names them by digest."""

    aggregate = fields.UUID(required=True)
    digests = fields.List(Identifier("digest"), required=True, validate=count(1, MOST))


class ErasureView(Schema):
    """How many of them were here; the other parties erase theirs when they hear of it."""

    aggregate = fields.UUID(required=True)
    erased = fields.Integer(required=True)


def _present(_session: Session, rows: Any) -> list[Any]:
    return [command_document(row) for row in rows]


COMMAND = Shown(kind=PendingCommand, view=CommandView, present=_present)


@routes.get("/v1/commands/<uuid:key>", COMMAND, scope="commands:read", summary="已发出的操作 / A command sent")
def show_command(session: Session, key: UUID) -> PendingCommand:
    """What became of a command this tenant sent to another."""
    row = session.get(PendingCommand, (session.context.tenant_id, key))
    if row is None:
        raise NotFoundError.of("command", key)
    return row


ERASED = Shown(kind=dict, view=ErasureView)


@routes.own(
    "POST",
    "/v1/texts/erase",
    shown=ERASED,
    scope="texts:persons",
    summary="删除涉及个人的文字 / Erase text about persons",
    draft=ErasureDraft,
    audited=TEXT_ERASED,
)
def erase_texts(session: Session, aggregate: UUID, digests: list[str]) -> dict[str, Any]:
    """Gone here at once and at the other parties within seconds; journals still verify."""
    erased = erasing.erase_texts(session, aggregate, digests=digests)
    detail(session, subject=str(aggregate), after={"erased": erased})
    return {"aggregate": aggregate, "erased": erased}


def _uploaded(claims: Claims) -> bytes:
    try:
        return request.get_data(cache=False)
    except RequestEntityTooLarge:
        gate.write_refusal(claims, FILE_REFUSED, error=http_error(413), subject=None)
        raise


@routes.raw("POST", "/v1/files", scope="files:write", summary="上传文件 / Upload a file", view=FileView)
def upload_file() -> Response:
    """The body is the content; its type is the Content-Type."""
    request.max_content_length = current_app.extensions["database"].settings.upload_limit
    claims = gate.enter("files:write")
    body = _uploaded(claims)
    if not body and not request.mimetype:
        zh, en = (
            "请以文件内容作为请求体,并注明 Content-Type。",
            "Send the file's content as the body, with its Content-Type.",
        )
        raise http_error(400, code="file_missing", zh=zh, en=en)
    with gate.database().session(gate.context_of(claims)) as session:
        gate.check_tenant(session, claims, scope="files:write")
        row = files.keep_upload(session, body, media_type=request.mimetype[:100] or "application/octet-stream")
        answer = {"sha256": row.sha256, "size": row.size, "media_type": row.media_type}
    location = {"Location": f"/v1/files/{row.sha256}"}
    return respond({"status": 201, "body": answer, "headers": location})


@routes.raw("GET", "/v1/files/<sha256:name>", scope="files:read", summary="下载文件 / A file", media="*/*")
def download_file(name: str) -> Response:
    """The content, as an attachment: never shown inline."""
    claims = gate.enter("files:read")
    with gate.database().session(gate.context_of(claims)) as session:
        gate.check_tenant(session, claims, scope="files:read")
        row, opened = files.content(session, name)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "ETag": f'"{name}"'}
    return Response(opened, 200, headers, mimetype=row.media_type)
