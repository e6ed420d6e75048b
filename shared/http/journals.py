"""Routes about evidence: a thing's journals as a file, and the platform's key that proves them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import closing
from typing import BinaryIO, cast
from uuid import UUID

from flask import Response
from marshmallow import fields

from shared.core.context import PLATFORM
from shared.core.errors import ConflictError, ProblemError
from shared.evidence import journal_file
from shared.evidence.audit import note
from shared.evidence.histories import evidence_of
from shared.files.store import CHUNK
from shared.http.fields.references import Reference
from shared.http.fields.strict import Schema
from shared.http.machine_routes import routes
from shared.http.requests import gate
from shared.http.resources import ResourceView
from shared.journal.session import Session
from shared.keys.directory import key_id
from shared.rules.acts import JOURNAL_EXPORTED
from shared.server.arriving import IN_MEMORY

EXPORT = "journal:export"
LARGEST = 256 * 1024 * 1024
"""Bytes of one export; what is more an operator writes with `xietong journal export`."""


class PlatformKeyView(Schema):
    """The key that vouches for every other one; whoever proves something pins it."""

    platform = Reference("tenant", required=True)
    key = fields.String(required=True)
    algorithm = fields.String(required=True)
    public = fields.String(required=True)


def show_platform_key(_session: Session) -> dict[str, object]:
    """Compare it with what your operator told you by another way before you pin it: `verify --platform-key`."""
    public = gate.database().settings.platform_key
    return {"platform": PLATFORM, "key": key_id(public), "algorithm": "Ed25519", "public": public}


routes.public(
    "/v1/public/platform-key",
    show_platform_key,
    shown=ResourceView(kind=dict, view=PlatformKeyView),
    summary="平台公钥 / The platform's public key",
)


@routes.raw(
    "GET", "/v1/journals/<uuid:key>", scope=EXPORT, summary="导出日志 / Export journals", media="application/json"
)
def export_journal(key: UUID) -> Response:
    """The signed journals of a thing and its parts, as `xietong journal verify` proves them offline."""
    claims = gate.enter(EXPORT, JOURNAL_EXPORTED)
    spooled = cast("BinaryIO", tempfile.SpooledTemporaryFile(max_size=IN_MEMORY))  # noqa: SIM115 - the answer closes it
    try:
        with gate.database().session(gate.context_of(claims)) as session:
            gate.check_tenant(session, claims, scope=EXPORT)
            size = _written(session, key, out=spooled)
            note(session, JOURNAL_EXPORTED, subject=str(key))
    except ProblemError as error:
        spooled.close()
        gate.write_refusal(claims, JOURNAL_EXPORTED, error=error, subject=str(key))
        raise
    except BaseException:
        spooled.close()
        raise
    # From here on the reader may take its time: no connection of the database waits for it.
    headers = {"Content-Length": str(size), "Content-Disposition": f'attachment; filename="journal-{key}.json"'}
    response = Response(_read(spooled), 200, headers, mimetype="application/json", direct_passthrough=True)
    response.call_on_close(spooled.close)
    return response


def _read(spooled: BinaryIO) -> Iterator[bytes]:
    with spooled:
        spooled.seek(0)
        while chunk := spooled.read(CHUNK):
            yield chunk


def _written(session: Session, key: UUID, *, out: BinaryIO) -> int:
    """How many bytes were written; raises `NotFoundError`, or `ConflictError` for more than one file may hold."""
    size = 0
    with closing(journal_file.pieces(session, evidence_of(session, key))) as pieces:
        for piece in pieces:
            content = piece.encode()
            size += len(content)
            if size > LARGEST:
                raise ConflictError(
                    "journal_too_large",
                    f"该事项的日志超过 {LARGEST // 2**20} MB,不能在此导出。请联系平台运维人员导出。",
                    f"The journals of this thing have more than {LARGEST // 2**20} MB, too many for one answer."
                    " Ask the platform's operator for them.",
                )
            out.write(content)
    return size
