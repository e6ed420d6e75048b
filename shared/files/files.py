"""Files: content-addressed per tenant; an event carries only hash, size and type, and citing a hash grants nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, BinaryIO
from uuid import UUID

from sqlalchemy import BigInteger, Select, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Mapped, mapped_column

from shared.core.errors import ConflictError, NotFoundError, UnavailableError
from shared.database import usage
from shared.database.rows import TenantRow, table_of
from shared.database.session import TenantSession
from shared.files.media_types import named
from shared.files.store import Staged, Store
from shared.journal.session import Session
from shared.journal.timers import TimerRow

NOBODY = UUID(int=0)
"""Stands for the organisation of what is the tenant's own."""
QUOTA = "file_bytes"
FETCH = "shared.file.fetch"
"""The timer that copies a cited content; its subject is the content and whose it is."""
ORGANISATIONS_PART = 10
"""An organisation may take a tenth of its tenant's room, so that one that uploads without end stops nobody else."""
KEPT_UNCITED = timedelta(days=30)
"""How long an upload waits to be cited."""
MOST_FORGOTTEN = 100


class FileRow(TenantRow):
    """A file this tenant, or an organisation of it, uploaded, or the tenant received in a verified event.

    `origin_id` says from whom, `media_type` what it was last uploaded as. An upload that nothing ever cited has no
    `cited_at`, and is forgotten after a while.
    """

    __tablename__ = "files"
    __table_args__ = {"schema": "shared"}

    sha256: Mapped[str] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(primary_key=True, default=NOBODY)
    size: Mapped[int] = mapped_column(BigInteger)
    media_type: Mapped[str]
    origin_id: Mapped[UUID]
    received_at: Mapped[datetime]
    cited_at: Mapped[datetime | None]


def check_room(session: Session, size: int, *, organisation: UUID | None = None) -> None:
    """Raises `ConflictError` where so many bytes more are too many for the tenant; what others sent it counts not.

    No organisation of it may take more than a part of its room.
    """
    tenant = session.context.tenant_id
    most = session.directory.quota(tenant, QUOTA) or session.settings.tenant_file_bytes
    query, held = _bytes_of(tenant), bytes_held(session)
    if held + size > most:
        raise _quota_reached("本辖区", "This tenant", most=most)
    usage.note(session, usage.Use(QUOTA, most, held + size))
    if organisation is None:
        return
    theirs = query.where(FileRow.organisation_id == organisation)
    if int(session.scalar(theirs) or 0) + size > most // ORGANISATIONS_PART:
        raise _quota_reached("本机构", "Your organisation", most=most // ORGANISATIONS_PART)


@usage.counts(QUOTA)
def bytes_held(session: TenantSession) -> int:
    """What the tenant has uploaded itself."""
    return int(session.scalar(_bytes_of(session.context.tenant_id)) or 0)


def _bytes_of(tenant: UUID) -> Select[int]:
    return select(func.coalesce(func.sum(FileRow.size), 0)).where(FileRow.origin_id == tenant)


def _quota_reached(zh: str, en: str, *, most: int) -> ConflictError:
    return ConflictError(
        "quota_reached",
        f"{zh}上传文件的总量已达上限({most} 字节)。请删除未被引用的文件(/v1/files/…),或请管理员提高配额。",
        f"{en} has uploaded as much as it may, {most} bytes. Delete files that nothing cites (DELETE /v1/files/…), or"
        " ask the administrator for a larger quota.",
    )


def keep_upload(session: Session, staged: Staged, *, label: str, organisation: UUID | None = None) -> FileRow:
    """Keep what a user uploaded; the same content twice is kept once, under the media type that it came with last.

    `session` is of the whole tenant, whose room counts, also where the file is to be an organisation's own.
    """
    media_type = named(label, Store(session.settings).form_of(staged))
    _lock(session)
    check_room(session, staged.size, organisation=organisation)
    return _keep_staged(session, staged, media_type=media_type, organisation=organisation or NOBODY)


def keep_made(session: Session, content: bytes, *, media_type: str) -> FileRow:
    """Keep what the platform made for the tenant; it is never forgotten."""
    staged = Store(session.settings).stage([content])
    row = _keep_staged(session, staged, media_type=media_type, organisation=NOBODY)
    row.cited_at = row.cited_at or session.clock.now()
    return row


def _keep_staged(session: Session, staged: Staged, *, media_type: str, organisation: UUID) -> FileRow:
    store, tenant = Store(session.settings), session.context.tenant_id
    item = {"sha256": staged.sha256, "size": staged.size, "media_type": media_type}
    newest = {"media_type": upsert(table_of(FileRow)).excluded.media_type}
    _write(session, [item], origin=tenant, organisation=organisation, changed=newest)
    store.keep(staged, tenant)
    return session.get_one(FileRow, (tenant, staged.sha256, organisation), populate_existing=True)


def _lock(session: Session) -> None:
    """One at a time in a tenant, so that the last room is not given twice and nothing is forgotten while it comes."""
    name = f"files/{session.context.tenant_id}"
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


def keep_received(session: Session, items: Iterable[Mapping[str, Any]], *, origin: UUID) -> None:
    """Note that the session's tenant has these from `origin`, cited; what it has itself stays its own."""
    cited = func.coalesce(FileRow.cited_at, upsert(table_of(FileRow)).excluded.cited_at)
    _write(session, items, origin=origin, organisation=NOBODY, changed={"cited_at": cited})


def _write(
    session: Session, items: Iterable[Mapping[str, Any]], *, origin: UUID, organisation: UUID, changed: dict[str, Any]
) -> None:
    tenant, now = session.context.tenant_id, session.clock.now()
    cited_at = now if origin != tenant else None
    common = {"tenant_id": tenant, "organisation_id": organisation, "origin_id": origin, "received_at": now}
    rows = [
        {**common, **{name: item[name] for name in ("sha256", "size", "media_type")}, "cited_at": cited_at}
        for item in sorted(items, key=lambda item: str(item["sha256"]))
    ]
    # Past the ORM, which leaves out what is None, and the default would count.
    keys = ["tenant_id", "sha256", "organisation_id"]
    session.write(upsert(table_of(FileRow)).on_conflict_do_update(index_elements=keys, set_=changed), rows)


def mark_cited(session: Session, hashes: Iterable[str]) -> None:
    """From now on these are kept for as long as the tenant is."""
    same = FileRow.sha256.in_(sorted(set(hashes))), FileRow.cited_at.is_(None)
    session.execute(update(FileRow).where(*same).values(cited_at=session.clock.now()))


def content(session: Session, sha256: str) -> tuple[FileRow, BinaryIO]:
    """The file and its whole content; raises `NotFoundError`, or `UnavailableError` for what was damaged here."""
    tenant, store = session.context.tenant_id, Store(session.settings)
    row = session.scalars(
        select(FileRow).where(FileRow.sha256 == sha256).order_by(FileRow.organisation_id).limit(1)
    ).first()
    if row is None:
        raise _on_its_way() if is_awaited(session, sha256) else NotFoundError.of("文件 / file", sha256)
    if not store.copy(row.origin_id, tenant, sha256=sha256, size=row.size):
        raise UnavailableError(
            "file_damaged",
            "该文件的内容已损坏,且目前无法从来源重新取得。如由本辖区上传,请重新上传同一文件。",
            "The content of this file is damaged here and cannot be had from where it came just now. If this tenant"
            " uploaded it, upload the same file again.",
        )
    return row, store.open(tenant, sha256)


def _on_its_way() -> NotFoundError:
    return NotFoundError(
        "file_awaited",
        "该附件的内容尚未从引用它的辖区送达,系统会继续获取。请稍后重试。",
        "The content of this attachment has not come yet from the tenant that cites it; it is being fetched. Retry.",
    )


def is_awaited(session: Session, sha256: str) -> bool:
    """Whether a message cited this content, and it has not come yet."""
    same = TimerRow.name == FETCH, TimerRow.done_at.is_(None), TimerRow.params["sha256"].astext == sha256
    return session.context.scope == "tenant" and session.scalar(select(TimerRow.name).where(*same).limit(1)) is not None


def remove_upload(session: Session, sha256: str, *, organisation: UUID | None) -> FileRow:
    """Delete an own upload that nothing cites; raises `NotFoundError`, or `ConflictError` for what is evidence.

    `session` is of the whole tenant, as in `keep_upload`.
    """
    _lock(session)
    row = session.get(FileRow, (session.context.tenant_id, sha256, organisation or NOBODY), with_for_update=True)
    if row is None:
        raise NotFoundError.of("文件 / file", sha256)
    if row.cited_at is not None:
        raise ConflictError(
            "file_cited",
            "该文件已被引用,是签署内容的凭据,不能删除。",
            "This file has been cited: it is evidence of what was signed, and stays.",
        )
    _forget(session, [row])
    return row


def forget_uncited(session: Session) -> int:
    """Delete uploads that nothing has cited for so long, some of them at a time; returns how many."""
    old = FileRow.cited_at.is_(None), FileRow.received_at <= session.clock.now() - KEPT_UNCITED
    if not session.scalar(select(exists().where(*old))):
        return 0
    _lock(session)
    query = select(FileRow).where(*old).order_by(FileRow.received_at).limit(MOST_FORGOTTEN)
    rows = session.scalars(query.with_for_update(skip_locked=True)).all()
    _forget(session, rows)
    return len(rows)


def _forget(session: Session, rows: Sequence[FileRow]) -> None:
    """Row and content; the latter stays where another row of the tenant has it too."""
    hashes = {row.sha256 for row in rows}
    for row in rows:
        session.delete(row)
    session.flush()
    held = set(session.scalars(select(FileRow.sha256).where(FileRow.sha256.in_(hashes))))
    for sha256 in hashes - held:
        Store(session.settings).remove(session.context.tenant_id, sha256)
