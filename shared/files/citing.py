"""Citing: who cites a file must hold its content; to know its hash, size and type grants nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, BinaryIO

from sqlalchemy import select

from shared.core.errors import Fault, InvalidError, NotFoundError
from shared.files.fetching import take_over
from shared.files.files import FileRow, content, mark_cited
from shared.files.media_types import fits, named
from shared.files.store import Store
from shared.journal.session import Session


def check_cited(
    session: Session,
    cited: Sequence[Mapping[str, Any]],
    *,
    pointer: str,
    before: Sequence[Mapping[str, Any]] = (),
) -> None:
    """Refuse a citation of what the acting tenant does not hold; `before` is what the thing cites already.

    In a forwarded command the acting tenant is the sender: its own content in this cell's store decides, and is taken
    over. Whether home or anybody else holds the same is not even looked at, so neither answer nor time tells it.
    """
    stood = {_key(item) for item in before}
    new = {index: item for index, item in enumerate(cited) if _key(item) not in stood}
    here, party = session.context.tenant_id, session.context.party
    held = {row.sha256: row.size for row in _rows(session, new.values())} if party == here else None
    store, faults = Store(session.settings), []
    for index, item in new.items():
        known = held is None or held.get(item["sha256"]) == item["size"]
        if not known or not store.holds(party, item["sha256"], size=item["size"]):
            faults.append(_unknown(f"{pointer}/{index}"))
        elif not fits(item["media_type"], form := store.form(party, item["sha256"])):
            faults.append(_misnamed(f"{pointer}/{index}/media_type", named(item["media_type"], form)))
    if faults:
        raise InvalidError(
            "file_unknown",
            "引用的附件不存在,或与其内容不符。",
            "A cited attachment does not exist here, or is not what it is called.",
            faults,
        )
    if held is None:
        take_over(session, list(new.values()), origin=party)
    else:
        mark_cited(session, [item["sha256"] for item in new.values()])


def content_given(session: Session, sha256: str, *, pointer: str) -> tuple[FileRow, BinaryIO]:
    """A file that a body names at `pointer`, with its content; raises `InvalidError` where nobody uploaded it here."""
    try:
        return content(session, sha256)
    except NotFoundError as error:
        zh, en = "请先上传文件(/v1/files),再填写其哈希", "upload it first (POST /v1/files) and give its sha256"
        raise InvalidError(
            "file_unknown", f"文件不存在:{zh}。", f"There is no such file: {en}.", [Fault(pointer, zh, en)]
        ) from error


def _key(item: Mapping[str, Any]) -> tuple[Any, ...]:
    return item.get("sha256"), item.get("size"), item.get("media_type")


def _rows(session: Session, items: Iterable[Mapping[str, Any]]) -> Sequence[FileRow]:
    """Locked, so that none is forgotten while it is being cited."""
    named_ones = FileRow.sha256.in_(sorted({str(item["sha256"]) for item in items}))
    ordered = select(FileRow).where(named_ones).order_by(FileRow.sha256, FileRow.organisation_id)
    return session.scalars(ordered.with_for_update()).all()


def _unknown(pointer: str) -> Fault:
    zh, en = (
        "请先上传文件(/v1/files),并照抄答复中的哈希、大小和类型。",
        "Upload this file first (POST /v1/files) and cite its sha256, size and media_type as answered.",
    )
    return Fault(pointer, zh, en)


def _misnamed(pointer: str, media_type: str) -> Fault:
    return Fault(
        pointer,
        f"文件内容不是这种类型,请改为 {media_type}。",
        f"The file's bytes are not of this type: cite it as {media_type}.",
    )
