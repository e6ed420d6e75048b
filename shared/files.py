"""Files: content-addressed per tenant; an event carries only hash, size and type, and citing a hash grants nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, BinaryIO
from uuid import UUID

import fsspec
from sqlalchemy import BigInteger, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Mapped, mapped_column

from shared.errors import Fault, InvalidError, NotFoundError
from shared.log import logger
from shared.model import TenantRow
from shared.settings import Settings

if TYPE_CHECKING:
    from shared.db import Session

CHUNK = 1 << 20


class FileRow(TenantRow):
    """A file this tenant uploaded, or received in a verified event; `origin_id` says from whom."""

    __tablename__ = "files"
    __table_args__ = {"schema": "shared"}

    sha256: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    media_type: Mapped[str]
    origin_id: Mapped[UUID]
    received_at: Mapped[datetime]


class Store:
    """Contents under `<tenant>/<sha256>` of any fsspec file system: a folder, or S3 in a deployment."""

    def __init__(self, settings: Settings) -> None:
        self.system, self.root = fsspec.core.url_to_fs(settings.files, auto_mkdir=True)

    def path(self, tenant: UUID, sha256: str) -> str:
        """Where the content lies."""
        return f"{self.root}/{tenant}/{sha256}"

    def write(self, tenant: UUID, content: bytes) -> str:
        """Keep the content; returns its hex SHA-256. Written aside first, so that a crash leaves no half file."""
        name = hashlib.sha256(content).hexdigest()
        target = self.path(tenant, name)
        if not self.system.exists(target):
            self.system.pipe_file(f"{target}.part", content)
            self.system.mv(f"{target}.part", target)
        return name

    def open(self, tenant: UUID, sha256: str) -> BinaryIO:
        """The content; raises FileNotFoundError."""
        opened: BinaryIO = self.system.open(self.path(tenant, sha256), "rb")
        return opened

    def size(self, tenant: UUID, sha256: str) -> int:
        """Bytes of the content."""
        return int(self.system.size(self.path(tenant, sha256)))

    def copy(self, source: UUID, target: UUID, *, sha256: str) -> bool:
        """Copy one tenant's content to another's folder; False when it is not in this cell."""
        there = self.path(target, sha256)
        if not self.system.exists(there):
            try:
                self.system.makedirs(f"{self.root}/{target}", exist_ok=True)
                self.system.copy(self.path(source, sha256), there)
            except FileNotFoundError:
                return False
        return True


def keep_upload(session: Session, content: bytes, *, media_type: str) -> FileRow:
    """Keep what a user uploaded; the same content twice is kept once."""
    tenant = session.context.tenant_id
    sha256 = Store(session.settings).write(tenant, content)
    _keep(session, [{"sha256": sha256, "size": len(content), "media_type": media_type}], origin=tenant)
    return session.get_one(FileRow, (tenant, sha256))


def check_cited(session: Session, cited: Iterable[Mapping[str, Any]], *, pointer: str) -> None:
    """Refuse a citation of what the acting tenant never uploaded or received; takes the content over at home.

    In a forwarded command the cited content is the sender's: it is copied to home, as in any verified message.
    """
    files = list(cited)
    here = session.context.tenant_id
    if session.context.party != here:
        receive(session, files, origin=session.context.party)
    rows = session.scalars(select(FileRow).where(FileRow.sha256.in_([item["sha256"] for item in files])))
    known = {row.sha256: (row.size, row.media_type) for row in rows}
    zh, en = (
        "请先上传文件(POST /v1/files),并照抄其 sha256、size、media_type。",
        ("Upload this file first (POST /v1/files) and cite its sha256, size and media_type as answered."),
    )
    faults = [
        Fault(f"{pointer}/{index}", zh, en)
        for index, item in enumerate(files)
        if known.get(item["sha256"]) != (item["size"], item["media_type"])
    ]
    if faults:
        raise InvalidError("file_unknown", "引用的附件不存在。", "A cited attachment does not exist here.", faults)


def receive(session: Session, cited: Iterable[Mapping[str, Any]], *, origin: UUID) -> None:
    """Copy what a verified message of `origin` cites into this tenant's own folder."""
    store = Store(session.settings)
    found = []
    for item in cited:
        if store.copy(origin, session.context.tenant_id, sha256=str(item["sha256"])):
            found.append({**item, "size": store.size(session.context.tenant_id, str(item["sha256"]))})
        else:
            logger("files").warning("file_missing", sha256=item["sha256"], origin=str(origin))
    _keep(session, found, origin=origin)


def _keep(session: Session, files: Iterable[Mapping[str, Any]], *, origin: UUID) -> None:
    rows = [
        {
            "tenant_id": session.context.tenant_id,
            "sha256": item["sha256"],
            "size": item["size"],
            "media_type": item["media_type"],
            "origin_id": origin,
            "received_at": session.clock.now(),
        }
        for item in files
    ]
    if rows:
        session.execute(upsert(FileRow).on_conflict_do_nothing(), rows)


def content(session: Session, sha256: str) -> tuple[FileRow, BinaryIO]:
    """The tenant's file; raises `NotFoundError`."""
    row = session.get(FileRow, (session.context.tenant_id, sha256))
    if row is None:
        raise NotFoundError.of("file", sha256)
    return row, Store(session.settings).open(session.context.tenant_id, sha256)
