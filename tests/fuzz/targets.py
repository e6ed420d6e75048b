"""Every parser of foreign bytes as a function of bytes alone: what it may raise is caught here, all else is a fault."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from itertools import islice
from uuid import UUID

from flask import Flask
from joserfc.jwk import OKPKey
from sqlalchemy import BigInteger, DateTime, Text, Uuid

from events.entry import Entry
from events.envelope import MalformedMessageError, decode
from events.foreign import MALFORMED, ForeignJsonError, read
from shared.core.calendar import given_day, given_moment, says_no_end
from shared.core.encoding import b64encode
from shared.core.errors import InvalidError, ProblemError
from shared.database.pages import read_cursor
from shared.files.media_types import form_of
from shared.http.requests.conditions import positions_of, tags_of
from shared.http.requests.preferences import seconds_to_wait
from shared.http.requests.tokens import UnauthenticatedError, Verifier
from shared.keys.jose import NO_TOKEN, opened
from shared.tables.files import table_in
from shared.text import identifiers
from shared.text.folding import UnseenError, kept
from shared.text.searching import folded, terms_of
from tests.builders.books import one_sheet, packed
from tests.builders.tokens import Forge

HEADINGS = ("code", "name_zh", "kind", "division", "统一社会信用代码", "中文名称")
ROWS = 2_000
TENANT = UUID(int=1)


def json_body(data: bytes) -> None:
    """A request's body."""
    with suppress(ForeignJsonError):
        read(data, largest=1_000_000, deepest=32)


def record(data: bytes) -> None:
    """A Kafka record, and the entry in it."""
    try:
        envelope = decode(data)
    except MalformedMessageError:
        return
    with suppress(*MALFORMED):
        Entry.parse(envelope.document)


def token(data: bytes) -> None:
    """A bearer token as it came."""
    text = data.decode("latin-1")
    with suppress(*NO_TOKEN):
        opened(text)
    with suppress(UnauthenticatedError):
        _forge()[1].claims(text)


def claims(data: bytes) -> None:
    """A token that its tenant has signed, whatever it holds."""
    forge, verifier = _forge()
    with suppress(UnauthenticatedError):
        verifier.claims(forge.sign(data))


@cache
def _forge() -> tuple[Forge, Verifier]:
    forge = Forge("https://issuer.example", "xietong", TENANT, OKPKey.generate_key("Ed25519", {"kid": "k"}))
    return forge, Verifier(forge.issuer, forge.audience, lambda: [forge.published()])


def cursor(data: bytes) -> None:
    """A cursor as it came, and one that decodes."""
    for text in (data.decode("latin-1"), b64encode(data)):
        with suppress(InvalidError):
            read_cursor(text, DateTime(timezone=True), Uuid())
        with suppress(InvalidError):
            read_cursor(text, Text(), BigInteger())


def table(data: bytes) -> None:
    """An upload: CSV, or a workbook."""
    with suppress(InvalidError):
        _head, rows = table_in(io.BytesIO(data), headings=HEADINGS)
        for _row in islice(rows, ROWS):
            pass


def worksheet(data: bytes) -> None:
    """A workbook whose sheet and shared strings are these bytes."""
    parts = _parts()
    for name in ("xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml", "xl/styles.xml"):
        table(packed({**parts, name: data}))


@cache
def _parts() -> Mapping[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(one_sheet())) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def text(data: bytes) -> None:
    """Whatever somebody types: a name, a number, a day, a question."""
    given = data.decode("utf-8", "replace")
    with suppress(UnseenError):
        kept(given)
    with suppress(UnseenError):
        kept(given, lines=True)
    for kind in identifiers.KINDS:
        identifiers.form(kind, given)
        identifiers.fault(kind, given)
    for reader in (given_day, given_moment):
        with suppress(ValueError):
            reader(given)
    says_no_end(given)
    folded(given)
    terms_of(given)


def headers(data: bytes) -> None:
    """Conditions and preferences."""
    value = data.decode("latin-1").replace("\r", "").replace("\n", "")
    with suppress(ProblemError):
        positions_of(value)
    with suppress(ValueError):
        tags_of(value)
    with _app().test_request_context(headers={"Prefer": value}):
        seconds_to_wait()


@cache
def _app() -> Flask:
    return Flask("fuzz")


def media_type(data: bytes) -> None:
    """What an upload is."""
    form_of(data[:4096], data[-4096:])


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    found.__name__: found
    for found in (json_body, record, token, claims, cursor, table, worksheet, text, headers, media_type)
}
