"""Signatures: which bytes make a file what it is, and what it may be called then."""

from __future__ import annotations

OFFICE = "application/vnd.openxmlformats-officedocument"
ODF = "application/vnd.oasis.opendocument"
ZIP = ("application/zip", "application/x-zip-compressed", "application/x-zip", "application/epub+zip",
       "application/java-archive", "application/vnd.android.package-archive", "application/vnd.google-earth.kmz",
       "application/x-ofd")  # fmt: skip
OLD_OFFICE = ("application/x-ole-storage", "application/msword", "application/vnd.ms-excel", "application/msexcel",
              "application/vnd.ms-powerpoint", "application/vnd.ms-outlook", "application/vnd.visio",
              "application/vnd.ms-project", "application/wps-office.doc", "application/wps-office.xls",
              "application/wps-office.ppt", "application/x-cfb")  # fmt: skip
RTF = ("application/rtf", "text/rtf", "application/msword")
SIGNATURES: tuple[tuple[int, bytes, tuple[str, ...]], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", ("image/png", "image/apng")),
    (0, b"\xff\xd8\xff", ("image/jpeg", "image/jpg", "image/pjpeg")),
    (0, b"GIF87a", ("image/gif",)),
    (0, b"GIF89a", ("image/gif",)),
    (0, b"II*\0", ("image/tiff", "image/x-adobe-dng")),
    (0, b"MM\0*", ("image/tiff",)),
    (8, b"WEBP", ("image/webp",)),
    (8, b"WAVE", ("audio/wav", "audio/x-wav", "audio/wave")),
    (8, b"AVI ", ("video/x-msvideo", "video/avi")),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLD_OFFICE),
    (0, b"{\\rtf", RTF),
    (0, b"7z\xbc\xaf\x27\x1c", ("application/x-7z-compressed",)),
    (0, b"Rar!\x1a\x07", ("application/vnd.rar", "application/x-rar-compressed", "application/x-rar")),
    (0, b"\x1f\x8b", ("application/gzip", "application/x-gzip", "application/x-tgz", "application/x-compressed-tar")),
    (0, b"BZh", ("application/x-bzip2",)),
    (0, b"\xfd7zXZ\0", ("application/x-xz",)),
    (4, b"ftyp", ("video/mp4", "audio/mp4", "video/quicktime", "audio/x-m4a", "image/heic", "image/heif",
                  "image/avif", "video/3gpp")),
    (0, b"\x1aE\xdf\xa3", ("video/webm", "audio/webm", "video/x-matroska")),
    (0, b"OggS", ("audio/ogg", "video/ogg", "application/ogg")),
    (0, b"ID3", ("audio/mpeg", "audio/mp3")),
    (0, b"AC10", ("image/vnd.dwg", "application/acad", "application/x-dwg", "application/dwg", "image/x-dwg")),
    (257, b"ustar", ("application/x-tar",)),
)  # fmt: skip
"""Where which bytes stand, and what a file may be called that has them; the first name is the one it gets."""
ZIPPED: tuple[tuple[bytes, tuple[str, ...]], ...] = (
    (b"xl/workbook.", (f"{OFFICE}.spreadsheetml.sheet", f"{OFFICE}.spreadsheetml.template",
                       "application/vnd.ms-excel.sheet.macroenabled.12", "application/wps-office.xlsx",
                       "application/vnd.ms-excel.sheet.binary.macroenabled.12")),
    (b"word/document.", (f"{OFFICE}.wordprocessingml.document", f"{OFFICE}.wordprocessingml.template",
                         "application/vnd.ms-word.document.macroenabled.12", "application/wps-office.docx")),
    (b"ppt/presentation.", (f"{OFFICE}.presentationml.presentation", f"{OFFICE}.presentationml.slideshow",
                            "application/vnd.ms-powerpoint.presentation.macroenabled.12",
                            "application/wps-office.pptx")),
    (b"mimetype" + f"{ODF}.text".encode(), (f"{ODF}.text",)),
    (b"mimetype" + f"{ODF}.spreadsheet".encode(), (f"{ODF}.spreadsheet",)),
    (b"mimetype" + f"{ODF}.presentation".encode(), (f"{ODF}.presentation",)),
    (b"mimetype" + f"{ODF}.graphics".encode(), (f"{ODF}.graphics",)),
    (b"OFD.xml", ("application/ofd", "application/vnd.ofd")),
)  # fmt: skip
"""What an archive holds that is more than one (OOXML, OpenDocument, GB/T 33190)."""
PDF = ("application/pdf", "application/x-pdf")
PDF_BEGINS_WITHIN = 1024
CLAIMED = frozenset(name for _at, _magic, names in SIGNATURES for name in names) | frozenset(
    (*PDF, *ZIP, *(name for _mark, names in ZIPPED for name in names))
)
"""What only a file with its signature may be called."""
