"""Routes of the machine itself: work, changes, pending commands, what does not flow, registers and files."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Response, request
from marshmallow import fields
from werkzeug.exceptions import HTTPException

from shared.broadcasts.knowledge import known_states
from shared.broadcasts.lines import Standing
from shared.commands.forwarding import DONE, EXPIRED, OVERDUE, PENDING, REFUSED, PendingCommand
from shared.core.errors import ProblemError
from shared.database import usage
from shared.evidence.audit import detail
from shared.files import files
from shared.files.files import FileRow
from shared.files.store import Store
from shared.http.declarations import Resource
from shared.http.fields.references import Reference
from shared.http.fields.strict import Choice, Schema, count
from shared.http.fields.texts import Identifier
from shared.http.fields.times import Instant
from shared.http.handling import respond
from shared.http.lists import waiting_listed
from shared.http.lists.changes_listed import ORDER as CHANGES
from shared.http.lists.changes_listed import ChangeFilter, ChangeView, changes, present_changes
from shared.http.lists.command_views import CommandView, command_document
from shared.http.lists.commands_sent import COMMANDS, command_sent, commands_sent
from shared.http.lists.lines_listed import ORDER as LINES
from shared.http.lists.lines_listed import LineView, lines, present_lines
from shared.http.lists.pages import PageFilter
from shared.http.lists.work_listed import ORDER, WorkFilter, WorkView, present_work, work
from shared.http.requests import gate
from shared.http.requests.forms import FORM, ROUND, FormFile
from shared.http.requests.problems import http_error
from shared.http.requests.streams import check_length, received, sent
from shared.http.requests.tenants import TenantAddress
from shared.http.requests.tokens import Claims
from shared.http.resources import ResourceView
from shared.http.routes import Routes
from shared.journal.entries import JournalRow
from shared.journal.session import Session
from shared.journal.work import WorkRow
from shared.messaging.waiting import Item
from shared.replication import erasing
from shared.replication.erasing import MOST
from shared.rules.acts import FILE_REFUSED, PARKED_REPLAYED, TEXT_ERASED

routes = Routes("machine")


class FileView(Schema):
    """A file of this tenant."""

    sha256 = fields.String(required=True)
    size = fields.Integer(required=True)
    media_type = fields.String(required=True)


class UploadView(FileView):
    """A file that has just come; what a form called it is its `name`, so that it can be cited as answered."""

    name = fields.String()


class ErasureDraft(Schema):
    """Which texts of which thing to erase; its timeline names them by digest."""

    aggregate = Reference(required=True)
    digests = fields.List(Identifier("digest"), required=True, validate=count(1, MOST))


class ErasureView(Schema):
    """How many of them were here; the other parties erase theirs when they hear of it."""

    aggregate = Reference(required=True)
    erased = fields.Integer(required=True)


WORK = ResourceView(kind=WorkRow, view=WorkView, present=present_work)
LINE = ResourceView(kind=Standing, view=LineView, present=present_lines)
WAITING = ResourceView(kind=Item, view=waiting_listed.WaitingView, present=waiting_listed.present_waiting)
WAITING_KIND = ResourceView(
    kind=waiting_listed.KindCount, view=waiting_listed.WaitingKindView, present=waiting_listed.present_kinds
)
CHANGE = ResourceView(kind=JournalRow, view=ChangeView, present=present_changes)


COMMAND = ResourceView(
    kind=PendingCommand,
    view=CommandView,
    present=lambda session, rows: [command_document(row, session.clock.now()) for row in rows],
)


class CommandFilter(PageFilter):
    """Which commands to list."""

    state = Choice((PENDING, OVERDUE, DONE, REFUSED, EXPIRED), load_default=None)
    aggregate = Reference(load_default=None)
    home = TenantAddress(load_default=None)
    mine = fields.Boolean(load_default=False, metadata={"description": "只看本人发出的 / Only those you sent"})


class RegisterView(Schema):
    """What one tenant broadcast, as far as it is here: all of it up to `known_until`, null while nothing is sure."""

    home = Reference("tenant", required=True)
    cell = fields.String(required=True)
    broadcast = fields.Integer(required=True, attribute="position")
    missing = fields.Integer(required=True)
    up_to_date = fields.Boolean(required=True)
    known_until = Instant(required=True, allow_none=True)


class RegistersView(Schema):
    """One line for each tenant that was ever heard of."""

    checked_at = Instant(required=True)
    homes = fields.List(fields.Nested(RegisterView), required=True)


REGISTERS = ResourceView(kind=dict, view=RegistersView)


ERASED = ResourceView(kind=dict, view=ErasureView)


def registers_known(session: Session) -> dict[str, Any]:
    """Until when everything that each tenant broadcast is known in this cell, and how much is missing."""
    now = session.clock.now()
    return {"checked_at": now, "homes": known_states(session, now=now)}


def erase_texts(session: Session, *, aggregate: UUID, digests: list[str]) -> dict[str, Any]:
    """Gone here at once and at the other parties within seconds; journals still verify."""
    erased = erasing.erase_texts(session, aggregate, digests=digests)
    detail(session, subject=str(aggregate), after={"erased": erased})
    return {"aggregate": aggregate, "erased": erased}


Resource(routes, "/v1/work", WORK, read="work:read").list(
    work, query=WorkFilter, order=ORDER, summary="待办事项 / Work that waits"
)
Resource(routes, "/v1/changes", CHANGE, read="work:read").list(
    changes, query=ChangeFilter, order=CHANGES, summary="最近变更 / What changed"
)
Resource(routes, "/v1/lines", LINE, read="tenants:read").list(
    lines, order=LINES, summary="与各辖区的线路 / Lines to other tenants"
)
waiting = Resource(routes, "/v1/waiting", WAITING, subject="waiting", read="waiting:read", write="waiting:replay")
waiting.list(
    waiting_listed.waiting_things,
    query=waiting_listed.WaitingFilter,
    order=waiting_listed.ORDER,
    summary="停滞事项 / Stalled items",
)
waiting.list(
    waiting_listed.waiting_kinds,
    order=waiting_listed.KINDS_ORDER,
    rule="/v1/waiting/kinds",
    name="list_waiting_kinds",
    shown=WAITING_KIND,
    summary="停滞事项分类统计 / Stalled items by kind",
)
waiting.get(waiting_listed.waiting_thing, summary="一个停滞事项 / One thing that waits")
waiting.act(waiting_listed.replay_waiting, summary="重放 / Replay", audited=PARKED_REPLAYED)
commands = Resource(routes, "/v1/commands", COMMAND, subject="command", read="commands:read")
commands.list(commands_sent, query=CommandFilter, order=COMMANDS, summary="已发出的操作列表 / Commands sent")
commands.get(command_sent, summary="已发出的操作 / A command sent")
Resource(routes, "/v1/registers", REGISTERS, key="", subject="registers", read="tenants:read").get(
    registers_known, summary="登记是否完整 / How complete the registers are"
)
Resource(routes, "/v1/texts", ERASED, key="", subject="texts", write="texts:persons").act(
    erase_texts, draft=ErasureDraft, summary="删除涉及个人的文字 / Erase text about persons", audited=TEXT_ERASED
)


@routes.raw("POST", "/v1/files", scope="files:write", summary="上传文件 / Upload a file", view=UploadView)
def upload_file() -> Response:
    """The body is the content, or a form that holds it; its type is what its bytes are, a label counts if it fits."""
    claims = gate.enter("files:write")
    try:
        row, name, warned = _uploaded(claims, most=gate.database().settings.upload_limit)
    except (ProblemError, HTTPException) as error:
        refusal = error if isinstance(error, ProblemError) else http_error(error.code or 400)
        gate.write_refusal(claims, FILE_REFUSED, error=refusal, subject=None)
        raise
    named = {} if name is None else {"name": name}
    return respond(
        {"status": 201, "body": _shown(row) | named, "headers": {"Location": f"/v1/files/{row.sha256}", **warned}}
    )


def _uploaded(claims: Claims, *, most: int) -> tuple[FileRow, str | None, dict[str, str]]:
    """What is kept, the name in a form and headers that warn; no connection is held while the body comes.

    What breaks off leaves nothing.
    """
    form = FormFile() if request.mimetype == FORM else None
    check_length(most if form is None else most + ROUND)
    if not request.content_length and "Transfer-Encoding" not in request.headers and not request.mimetype:
        raise http_error(
            400,
            code="file_missing",
            zh="请求没有内容。请以文件内容本身作为请求体并注明其类型,或用表单上传一个文件。",
            en="The request is empty. Send the file's content itself as the body, with its type, or a form with it.",
        )
    database, store = gate.database(), Store(gate.database().settings)
    with database.session(gate.context_of(claims)) as session:
        gate.check_tenant(session, claims, scope="files:write")
    # Of the whole tenant, whose room counts, also where an organisation's user uploads.
    context = replace(gate.context_of(claims), scope="tenant", organisation_id=None)
    with database.session(context) as session:
        files.check_room(session, request.content_length or 0, organisation=claims.organisation_id)
    staged = store.stage(received(most) if form is None else form.pieces(most))
    try:
        with database.session(context) as session:
            label = request.mimetype if form is None else form.label
            row = files.keep_upload(session, staged, label=label, organisation=claims.organisation_id)
            return row, form.name if form else None, usage.header(session)
    finally:
        store.discard(staged)


def _shown(row: FileRow) -> dict[str, Any]:
    return {"sha256": row.sha256, "size": row.size, "media_type": row.media_type}


@routes.raw("GET", "/v1/files/<sha256:name>", scope="files:read", summary="下载文件 / A file", media="*/*")
def download_file(name: str) -> Response:
    """The content, as an attachment: never shown inline."""
    claims = gate.enter("files:read")
    with gate.database().session(gate.context_of(claims)) as session:
        gate.check_tenant(session, claims, scope="files:read")
        row, opened = files.content(session, name)
    return sent(opened, name=name, media_type=row.media_type, sha256=name, size=row.size)


@routes.raw("DELETE", "/v1/files/<sha256:name>", scope="files:write", summary="删除文件 / Delete a file", view=FileView)
def delete_file(name: str) -> Response:
    """An own upload that nothing has cited; what was cited is evidence, and stays."""
    claims = gate.enter("files:write")
    context = gate.context_of(claims)
    with gate.database().session(context) as session:
        gate.check_tenant(session, claims, scope="files:write")
    with gate.database().session(replace(context, scope="tenant", organisation_id=None)) as session:
        row = files.remove_upload(session, name, organisation=claims.organisation_id)
    return respond({"status": 200, "body": _shown(row), "headers": {}})
