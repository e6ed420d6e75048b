"""Routes of exports by job: any list of the API as a file, for whoever asked, for as long as they hold the rights."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from flask import Response, current_app
from marshmallow import fields

from shared.core.errors import ConflictError, NotFoundError
from shared.evidence.audit import note
from shared.files.store import Store
from shared.http.declarations import Resource
from shared.http.exports import jobs
from shared.http.exports.jobs import EXPORT_LIFECYCLE, FORMS, HEAD_START, KEPT, LONGEST_ADDRESS, ExportRow
from shared.http.exports.running import Exporter
from shared.http.fields.references import Reference
from shared.http.fields.strict import BilingualSchema, Choice, Schema, Text
from shared.http.fields.times import Instant
from shared.http.lists.exporting import MEDIA_TYPES, PLACES
from shared.http.lists.pages import PageFilter
from shared.http.machine_routes import routes
from shared.http.names import named
from shared.http.requests import gate
from shared.http.requests.streams import sent
from shared.http.resources import LISTS, ResourceView
from shared.journal.session import Session

SCOPE = "exports:make"
AT_ONCE = 0.8
"""Seconds for which whoever asks waits: what is small is then ready."""


class ExportDraft(Schema):
    """Which list, by the address at which it is read, with its filters and its order; and as what."""

    list = Text(LONGEST_ADDRESS, required=True)
    form = Choice(FORMS, required=True)


class ExportFilter(PageFilter):
    """Which jobs to list."""

    state = Choice(EXPORT_LIFECYCLE.states, load_default=None)


class ExportView(Schema):
    """How far an export is: `rows` of `total` so far; its file is at `/v1/exports/{key}/file` once it is `done`."""

    id = Reference("export", required=True)
    list = fields.String(required=True)
    title = fields.Nested(BilingualSchema, required=True)
    form = Choice(FORMS, required=True)
    state = Choice(EXPORT_LIFECYCLE.states, required=True)
    rows = fields.Integer(required=True)
    total = fields.Integer(required=True, allow_none=True)
    total_is = Choice(("exact", "about"), required=True, allow_none=True)
    seconds_left = fields.Integer(required=True, allow_none=True)
    size = fields.Integer(required=True, allow_none=True)
    file_name = fields.String(required=True)
    problem = fields.Nested(BilingualSchema, required=True, allow_none=True)
    created_at = Instant(required=True)
    started_at = Instant(required=True, allow_none=True)
    ended_at = Instant(required=True, allow_none=True)
    expires_at = Instant(required=True)
    allowed_actions = fields.List(fields.String(), required=True)


def present_exports(session: Session, rows: Sequence[ExportRow]) -> list[dict[str, Any]]:
    """What the view shows; what is left is told at the pace so far."""
    documents = []
    for row in rows:
        seconds_left = None
        if row.state == "running" and row.started_at is not None and row.rows and row.total is not None:
            spent = (session.clock.now() - row.started_at).total_seconds()
            seconds_left = round(spent / row.rows * max(0, row.total - row.rows))
        documents.append(
            {
                **{name: value for name, value in vars(row).items() if not name.startswith("_")},
                "list": row.address,
                "title": row.title.by_language(),
                "file_name": row.file_name,
                "seconds_left": seconds_left,
                "allowed_actions": EXPORT_LIFECYCLE.actions(row.state),
            }
        )
    return documents


def start_export(session: Session, *, list: str, form: str) -> ExportRow:  # noqa: A002 - the API's word
    """Begin; raises `InvalidError` for what is no list, `RefusedError` without its right, `ConflictError` for too many.

    What is small is written before the answer is read: once this is committed, for a moment.
    """
    caller, what = gate.caller(), jobs.asked(list)
    if what.route.scope:
        gate.check_scope(caller, what.route.scope)
    jobs.check_room(session)
    jobs.make_room(session)
    now = session.clock.now()
    row = ExportRow(
        id=uuid4(),
        actor_id=caller.subject,
        organisation_id=caller.organisation_id,
        claims={"scopes": sorted(caller.scopes), "client_id": caller.client_id},
        operation=what.route.name,
        address=list,
        form=form,
        state=EXPORT_LIFECYCLE.initial,
        created_at=now,
        next_at=now + HEAD_START,
        expires_at=now + KEPT,
        **dict.fromkeys(("rows", "attempts"), 0),
        **dict.fromkeys(("total", "total_is", "file", "sha256", "size", "problem", "started_at", "ended_at")),
    )
    session.add(row)
    session.afterwards.append(partial(_write_at_once, caller.tenant_id, row.id))
    return row


def _write_at_once(tenant: UUID, key: UUID) -> None:
    """Where a process has time for it; whatever is not done by then the worker does."""
    with PLACES.taken(tenant, None) as free:
        if free:
            exporter = Exporter(gate.database(), current_app.extensions["issuer"])
            exporter.write(tenant, key, within=AT_ONCE)


def cancel_export(session: Session, key: UUID) -> ExportRow:
    """Stop it; raises `ConflictError` once it has ended."""
    row = jobs.export(session, key, lock=True)
    EXPORT_LIFECYCLE.move(row, "cancel")
    row.ended_at, row.next_at = session.clock.now(), row.expires_at
    return row


EXPORT = ResourceView(kind=ExportRow, view=ExportView, present=present_exports, url=lambda row: f"/v1/exports/{row.id}")
exports = Resource(routes, "/v1/exports", EXPORT, subject="export", read=SCOPE, write=SCOPE)
named("export", zh="导出", en="export", scope=SCOPE)(jobs.export_names)
exports.list(jobs.exports, query=ExportFilter, summary="本人的导出 / Own exports")
exports.create(start_export, draft=ExportDraft, summary="导出列表 / Export a list")
exports.get(jobs.export, summary="一个导出 / One export")
exports.act(cancel_export, summary="取消导出 / Cancel an export")


@routes.raw("GET", f"{exports.one}/file", scope=SCOPE, summary="导出的文件 / The file of an export", media="*/*")
def download_export(key: UUID) -> Response:
    """For whoever asked, as long as they hold every right with which it was written."""
    claims = gate.enter(SCOPE)
    with gate.database().session(gate.context_of(claims)) as session:
        gate.check_tenant(session, claims, scope=SCOPE)
        row = jobs.export(session, key)
        for scope in sorted(row.scopes):
            gate.check_scope(claims, scope)
        if row.state != "done" or row.file is None or row.sha256 is None or row.size is None:
            raise ConflictError(
                "export_not_done",
                "导出还没有完成,或没有成功。请先查看它的状态。",
                "This export is not done, or failed. Look at its state first.",
            )
        route = LISTS.get(row.operation)
        if route is not None and route.audited is not None:
            note(session, route.audited, subject=str(key))
        try:
            opened = Store(session.settings).open_staged(row.file)
        except FileNotFoundError as error:
            raise NotFoundError.of("文件 / file", row.file_name) from error
    return sent(opened, name=row.file_name, media_type=MEDIA_TYPES[row.form], sha256=row.sha256, size=row.size)
