"""Routes of the machine itself: pending commands and files."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, current_app, request
from marshmallow import fields

from shared import files
from shared.db import Session
from shared.errors import NotFoundError
from shared.forwarding import PendingCommand
from shared.http import gate
from shared.http.fields import Schema
from shared.http.handling import command_document, respond
from shared.http.openapi import CommandView
from shared.http.problems import http_error
from shared.http.routes import Routes, Shown

routes = Routes("machine")


class FileView(Schema):
    """A file of this tenant."""

    sha256 = fields.String(required=True)
    size = fields.Integer(required=True)
    media_type = fields.String(required=True)


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


@routes.raw("POST", "/v1/files", scope="files:write", summary="上传文件 / Upload a file", view=FileView)
def upload_file() -> Response:
    """The body is the content; its type is the Content-Type."""
    request.max_content_length = current_app.extensions["database"].settings.upload_limit
    claims = gate.enter("files:write")
    body = request.get_data(cache=False)
    if not body and not request.mimetype:
        zh, en = (
            "请以文件内容作为请求体,并注明 Content-Type。",
            "Send the file's content as the body, with its Content-Type.",
        )
        raise http_error(400, code="file_missing", zh=zh, en=en)
    with gate.database().session(gate.context_of(claims)) as session:
        gate.check_tenant(session, claims)
        row = files.keep_upload(session, body, media_type=request.mimetype[:100] or "application/octet-stream")
        answer = {"sha256": row.sha256, "size": row.size, "media_type": row.media_type}
    location = {"Location": f"/v1/files/{row.sha256}"}
    return respond({"status": 201, "body": answer, "headers": location})


@routes.raw("GET", "/v1/files/<sha256:name>", scope="files:read", summary="下载文件 / A file", media="*/*")
def download_file(name: str) -> Response:
    """The content, as an attachment: never shown inline."""
    claims = gate.enter("files:read")
    with gate.database().session(gate.context_of(claims)) as session:
        gate.check_tenant(session, claims)
        row, opened = files.content(session, name)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "ETag": f'"{name}"'}
    return Response(opened, 200, headers, mimetype=row.media_type)
