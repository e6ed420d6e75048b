"""Media types: what a file is, its bytes say; a label counts as far as it fits them."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from shared.files.signatures import CLAIMED, PDF, PDF_BEGINS_WITHIN, RTF, SIGNATURES, ZIP, ZIPPED

LOOKED_AT = 64 * 1024
"""Bytes at the beginning and at the end that are looked at."""
UNKNOWN = "application/octet-stream"
PLAIN = "text/plain"
MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*")
LONGEST = 100
TEXTS = re.compile(
    r"text/.+|.+\+(?:xml|json)|message/rfc822|application/(?:json|xml|csv|x-csv|javascript|ecmascript|x-ndjson|jsonl"
    r"|yaml|x-yaml|toml|sql|geo\+json|x-sh|x-tex|x-latex|xhtml\+xml|dxf|x-subrip|pgp-signature|pem-certificate-chain)"
)
TABLES = re.compile(r".*(?:excel|spreadsheet|csv).*")
CONTROLS = bytes(one for one in range(32) if one not in b"\t\n\v\f\r\x1a\x1b") + b"\x7f"


@dataclass(frozen=True)
class MediaType:
    """What bytes are: names with the best first, none where nobody knows; a text may have any name of a text."""

    names: tuple[str, ...] = ()
    is_text: bool = False


def form_of(head: bytes, tail: bytes = b"") -> MediaType:
    """By the beginning, of archives also by the end, where the names of what they hold stand."""
    if b"%PDF-" in head[:PDF_BEGINS_WITHIN]:
        return MediaType(PDF)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        seen = head + tail
        return MediaType(tuple(name for mark, names in ZIPPED if mark in seen for name in names) + ZIP)
    names = next((names for at, magic, names in SIGNATURES if head.startswith(magic, at)), ())
    # A list of models may begin with AC10, and a sentence with "Convert AVI": of these only RTF is text all through.
    is_text = names != RTF and _is_text(head)
    return MediaType((PLAIN,), is_text=True) if is_text else MediaType(names)


def _is_text(head: bytes) -> bool:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _decodes(head, "utf-16")
    return head.translate(None, CONTROLS) == head and (_decodes(head, "utf-8") or _decodes(head, "gb18030"))


def _decodes(head: bytes, encoding: str) -> bool:
    try:
        # What was looked at may end within a character.
        codecs.getincrementaldecoder(encoding)().decode(head, final=len(head) < LOOKED_AT)
    except UnicodeDecodeError:
        return False
    return True


def fits(label: str, form: MediaType) -> bool:
    """Whether a file of this form may be called so."""
    if label == UNKNOWN:
        return True
    if form.is_text:
        return TEXTS.fullmatch(label) is not None
    if form.names:
        return label in form.names
    return label not in CLAIMED and TEXTS.fullmatch(label) is None and MEDIA_TYPE.fullmatch(label) is not None


def named(label: str, form: MediaType) -> str:
    """The media type of a file that came with this label: the label if it says something and fits, else the form's."""
    if label != UNKNOWN and len(label) <= LONGEST and MEDIA_TYPE.fullmatch(label) and fits(label, form):
        return label
    if form.is_text and TABLES.fullmatch(label):
        # Windows calls .csv files application/vnd.ms-excel where Excel is installed.
        return "text/csv"
    return form.names[0] if form.names else UNKNOWN
