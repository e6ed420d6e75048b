"""Evidence: a journal as a file that anybody can verify offline with public keys only."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import ScalarResult, select

from events.canonical import Json, canonical, digest, instant
from events.entry import Entry, aggregate_id
from events.foreign import MALFORMED, read
from events.printing import printable
from events.text import FreeText
from shared.core.calendar import read_moment
from shared.core.context import PLATFORM
from shared.database.registers import RegisterEntry
from shared.journal.entries import JournalRow, TextRow
from shared.journal.session import Session
from shared.keys.directory import PublicKey, WrongSignatureError, key_id, keys_of

FORMAT = "xietong.journal.v1"
LARGEST_FILE = 2**30
AT_ONCE = 100
"""Entries in memory while they are written."""


class EvidenceError(Exception):
    """The file proves less than it claims; the sentence says what and where."""


def opened(file: Path) -> Json:
    """What stands in an exported file; raises `EvidenceError` when it is no JSON that has one meaning."""
    try:
        return read(file.read_bytes(), largest=LARGEST_FILE)
    except MALFORMED as error:
        raise EvidenceError(str(error)) from error


@contextmanager
def flaws() -> Iterator[None]:
    """Whatever is wrong with the form of a file is a flaw in what it proves."""
    try:
        yield
    except (WrongSignatureError, *MALFORMED) as error:
        raise EvidenceError(f"{type(error).__name__}: {error}") from error


def export(session: Session, aggregates: Iterable[UUID]) -> dict[str, Any]:
    """The tenant's journals of these aggregates, with every signed directory entry needed to check them."""
    made: dict[str, Any] = json.loads("".join(pieces(session, aggregates)))
    return made


def pieces(session: Session, aggregates: Iterable[UUID]) -> Generator[str]:
    """The same as JSON text, an entry at a time, however much there is."""
    head = {
        "format": FORMAT,
        "exported_at": instant(session.clock.now()),
        "exported_by": str(session.context.tenant_id),
        "platform": str(PLATFORM),
        "platform_key": session.settings.platform_key,
    }
    yield f'{_text(head)[:-1]},\n"directory":['
    yield from _listed(_directory(session))
    yield '],\n"journals":['
    for number, key in enumerate(aggregates):
        yield from ("," if number else "", *_journal(session, key))
    yield "]}\n"


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _listed(rows: ScalarResult[Any]) -> Iterator[str]:
    with rows:
        for number, row in enumerate(rows):
            yield f"{',' if number else ''}\n{_text(_signed(row))}"


def directory_entries(session: Session) -> list[dict[str, Any]]:
    """Every signed entry of the directory: all public keys there ever were, as the platform vouched for them."""
    return [_signed(row) for row in _directory(session)]


def _directory(session: Session) -> ScalarResult[RegisterEntry]:
    order = (RegisterEntry.id, RegisterEntry.epoch, RegisterEntry.version)
    rows = select(RegisterEntry).where(RegisterEntry.kind == "tenants.tenant").order_by(*order)
    return session.scalars(rows.execution_options(yield_per=AT_ONCE))


def _signed(row: RegisterEntry | JournalRow) -> dict[str, Any]:
    return {"entry": json.loads(row.entry), "signature": row.signature, "state": row.state}


def _journal(session: Session, key: UUID) -> Iterator[str]:
    rows = select(JournalRow).where(JournalRow.aggregate_id == key).order_by(JournalRow.epoch, JournalRow.version)
    texts = session.scalars(select(TextRow).where(TextRow.aggregate_id == key))
    yield f'\n{{"aggregate":"{key}","entries":['
    yield from _listed(session.scalars(rows.execution_options(yield_per=AT_ONCE)))
    yield f'],"texts":{_text({row.digest: {"text": row.text, "salt": row.salt} for row in texts})}}}'


@dataclass(frozen=True)
class Verified:
    """What was proven of one aggregate: versions `first` to `last`, and the hash of the last entry.

    `name` is what its last state, which the entry signs, calls it; '-' where it has no name.
    """

    aggregate: UUID
    kind: str
    name: str
    first: int
    last: int
    head: str


def verify(document: Mapping[str, Any], platform_key: str | None = None) -> list[Verified]:
    """Check every signature, hash and chain in an exported journal; raises `EvidenceError` at the first flaw.

    `platform_key` is the key the reader trusts; without it the one in the file, which proves only consistency.
    """
    with flaws():
        if document.get("format") != FORMAT:
            raise EvidenceError(f"not a file of format {FORMAT}")
        keys = proven_keys(document, platform_key)
        proven = [_verify_journal(journal, keys) for journal in document["journals"]]
    if not proven:
        raise EvidenceError("there are no journals")
    return proven


def proven_keys(document: Mapping[str, Any], platform_key: str | None) -> dict[str, PublicKey]:
    """The public keys in an export by id, each proven by the platform's signature; raises `EvidenceError`."""
    trusted = platform_key or str(document["platform_key"])
    platform = PublicKey(key_id(trusted), PLATFORM, trusted)
    keys = {platform.id: platform}
    for item in document["directory"]:
        entry = _verified_entry(item, {platform.id: platform})
        # Later versions know when an earlier key ended, so they replace it.
        keys |= {key.id: key for key in keys_of(entry.aggregate, item["state"]) if key.id != platform.id}
    return keys


def _verify_journal(journal: Mapping[str, Any], keys: Mapping[str, PublicKey]) -> Verified:
    _check_texts(journal)
    before: Entry | None = None
    first = 0
    for item in journal["entries"]:
        entry = _verified_entry(item, keys)
        if str(entry.aggregate) != journal["aggregate"]:
            raise EvidenceError(f"an entry of {entry.aggregate} stands in the journal of {journal['aggregate']}")
        _check_chain(before, entry)
        _check_command(entry, keys)
        before, first = entry, first or entry.version
    if before is None:
        raise EvidenceError(f"the journal of {journal['aggregate']} is empty")
    state = journal["entries"][-1]["state"]
    called = (state.get(name) for name in ("name_zh", "title_zh", "number", "cause_key", "revision"))
    name = next((printable(str(one)) for one in called if one), "-")
    return Verified(before.aggregate, before.aggregate_type, name, first, before.version, before.hash)


def _verified_entry(item: Mapping[str, Any], keys: Mapping[str, PublicKey]) -> Entry:
    entry = Entry.parse(item["entry"])
    name = f"{entry.aggregate_type} {entry.aggregate} version {entry.version}"
    if entry.canonical != canonical(item["entry"]) or digest(canonical(item["state"])) != entry.state_hash:
        raise EvidenceError(f"{name}: the state or the form of the entry was changed")
    if entry.nonce is not None and aggregate_id(entry.home, entry.nonce) != entry.aggregate:
        raise EvidenceError(f"{name}: the id does not belong to its home")
    check_signature(item["entry"], item["signature"], keys=keys, by=entry.home, at=entry.occurred_at)
    return entry


def check_signature(
    document: Mapping[str, Any], signature: str, *, keys: Mapping[str, PublicKey], by: UUID, at: datetime
) -> None:
    """Raises `EvidenceError` unless one of `keys` that was a key of `by` at that moment signed the document."""
    key = keys.get(str(document["key"]))
    if key is None or key.tenant != by or not key.since <= at < key.until:
        raise EvidenceError(f"key {document['key']} was not a key of {by} at {at.isoformat()}")
    try:
        key.verify(document, signature)
    except WrongSignatureError as error:
        raise EvidenceError(f"{document.get('aggregate')} version {document.get('version')}: {error}") from error


def _check_chain(before: Entry | None, entry: Entry) -> None:
    if before is None:
        if entry.version == 1 and entry.previous is not None:
            raise EvidenceError("the first entry names one before it")
        return
    follows = entry.version == before.version + 1 and entry.previous == before.hash
    if not follows and not entry.joined:
        raise EvidenceError(f"version {entry.version} does not follow version {before.version}")


def _check_command(entry: Entry, keys: Mapping[str, PublicKey]) -> None:
    if entry.command is None:
        return
    document, signature = entry.command["document"], entry.command["signature"]
    if document["to"] != str(entry.home) or document["from"] != str(entry.actor.tenant):
        raise EvidenceError(f"version {entry.version}: the command in it is of somebody else")
    sent = read_moment(document["at"])
    check_signature(document, signature, keys=keys, by=entry.actor.tenant, at=sent)


def _check_texts(journal: Mapping[str, Any]) -> None:
    for name, text in journal["texts"].items():
        if FreeText(text["text"], text["salt"]).digest != name:
            raise EvidenceError(f"the text {name} was changed")
