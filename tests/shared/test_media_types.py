"""Media types: bytes decide, a label counts as far as it fits them."""

from __future__ import annotations

import io
import re
import zipfile

import pytest

from shared.files.media_types import LOOKED_AT, fits, form_of, named
from shared.files.signatures import CLAIMED, SIGNATURES, ZIPPED
from shared.http.fields.attachments import MEDIA_TYPE

FORM = "application/x-www-form-urlencoded"
EXCEL, CSV, PDF, OCTETS = "application/vnd.ms-excel", "text/csv", "application/pdf", "application/octet-stream"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TABLE = "代码,名称\n1,甲\n".encode()
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


def archive(*names: str, filling: int = 0) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        for name in names:
            file.writestr(zipfile.ZipInfo(name), bytes(filling))
    return made.getvalue()


def form(content: bytes):
    return form_of(content[:LOOKED_AT], content[-LOOKED_AT:])


@pytest.mark.parametrize(
    ("content", "label", "expected"),
    [
        (b"%PDF-1.7 x", PDF, PDF), (b"%PDF-1.7 x", FORM, PDF), (b"%PDF-1.7 x", OCTETS, PDF), (b"%PDF-1.7 x", "", PDF),
        (b"\xef\xbb\xbf junk before %PDF-1.4", "image/png", PDF),
        (TABLE, CSV, CSV), (TABLE, EXCEL, CSV), (TABLE, XLSX, CSV), (TABLE, "text/plain", "text/plain"),
        (TABLE, FORM, "text/plain"), (TABLE, PDF, "text/plain"), (TABLE.decode().encode("gb18030"), CSV, CSV),
        (TABLE.decode().encode("utf-16"), CSV, CSV), (b"", CSV, CSV), (b'{"a": 1}', "application/json",
        "application/json"), (b"<svg/>", "image/svg+xml", "image/svg+xml"), (b"<html>", "text/html", "text/html"),
        (OLE, EXCEL, EXCEL), (OLE, "application/msword", "application/msword"), (OLE, CSV, "application/x-ole-storage"),
        (archive("[Content_Types].xml", "xl/workbook.xml"), EXCEL, XLSX),
        (archive("[Content_Types].xml", "xl/workbook.xml"), XLSX, XLSX),
        (archive("[Content_Types].xml", "xl/workbook.xml"), DOCX, XLSX),
        (archive(*(f"word/media/{n}" for n in range(40)), "word/document.xml", filling=5000), OCTETS, DOCX),
        (archive("OFD.xml"), FORM, "application/ofd"), (archive("a.txt"), XLSX, "application/zip"),
        (b"\x89PNG\r\n\x1a\n\0", "image/jpeg", "image/png"), (b"\xff\xd8\xff\xe0\0", "image/png", "image/jpeg"),
        ("AC1001,空调\n".encode(), CSV, CSV), (b"Convert AVI to mp4", "text/plain", "text/plain"),
        (b"ID3,name\n", CSV, CSV),
        (b"{\\rtf1 text}", "application/msword", "application/msword"), (b"AC1015\0\0", CSV, "image/vnd.dwg"),
        (b"\0\1\2\3", "application/x-own-format", "application/x-own-format"), (b"\0\1\2\3", PDF, OCTETS),
        (b"\0\1\2\3", CSV, OCTETS), (b"\0\1\2\3", "nonsense", OCTETS), (b"\0\1\2\3", "x/" + "y" * 200, OCTETS),
    ],
)  # fmt: skip
def test_a_file_is_called_what_its_bytes_are(content: bytes, label: str, expected: str) -> None:
    assert named(label, form(content)) == expected
    assert fits(expected, form(content))


@pytest.mark.parametrize(
    ("content", "label"),
    [(TABLE, PDF), (b"%PDF-1.4", CSV), (b"%PDF-1.4", "text/html"), (OLE, PDF), (archive("a"), PDF), (b"\0\1", PDF)],
)
def test_what_does_not_fit_is_not_accepted(content: bytes, label: str) -> None:
    assert not fits(label, form(content))


def test_a_text_that_is_cut_within_a_character_is_a_text() -> None:
    for shift in range(4):
        content = b"a" * shift + "统一社会信用代码".encode() * 4000
        assert form_of(content[:LOOKED_AT]).is_text
    assert not form_of("统".encode()[:2] + b"\xff").is_text


def test_every_name_that_is_given_can_be_cited() -> None:
    assert [name for name in CLAIMED if re.fullmatch(MEDIA_TYPE, name) is None] == []
    assert all(names for _at, _magic, names in SIGNATURES)
    assert all(names for _mark, names in ZIPPED)
