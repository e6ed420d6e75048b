"""Workbooks (XLSX) as their bytes: what no spreadsheet writes, and what many do, in plain sight."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
HEAD = ("统一社会信用代码", "中文名称", "类型", "行政区划代码")
DATED = (
    '<numFmts count="1"><numFmt numFmtId="170" formatCode="yyyy\\-mm\\-dd"/></numFmts>'
    '<cellXfs count="8"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="170"/><xf numFmtId="20"/>'
    '<xf numFmtId="171"/>'
    '<xf numFmtId="9"/><xf numFmtId="49"/><xf numFmtId="57"/></cellXfs>'
).replace("</numFmts>", '<numFmt numFmtId="171" formatCode="000000"/></numFmts>')
"""Styles 0 general, 1 and 2 days, 3 a time, 4 six digits, 5 per cent, 6 text, 7 a month."""


def cell(place: str, value: object) -> str:
    """A text; `(type, value)` such as `("e", "#N/A")`, with a style `("n:2", "46024")`; or `<…>` as it stands."""
    if isinstance(value, tuple):
        kind, _, style = value[0].partition(":")
        return f'<c r="{place}" t="{kind}" s="{style or 0}"><v>{value[1]}</v></c>'
    text = str(value)
    if text.startswith("<"):
        return text.replace("@", place)
    text = text.replace("&", "&amp;").replace("<", "&lt;")
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>' if text else ""


def formula(text: str, shows: str = "") -> str:
    """A cell with a formula and what it showed last."""
    return f'<c r="@" t="str"><f>{text}</f><v>{shows}</v></c>'


def sheet(
    *rows: Sequence[object], before: str = "", behind: str = "", attributes: Mapping[int, str] | None = None
) -> str:
    """The XML of a sheet; `attributes` of rows by their number."""
    given = attributes or {}
    made = "".join(
        f'<row r="{number}" {given.get(number, "")}>'
        + "".join(cell(f"{chr(65 + at)}{number}", value) for at, value in enumerate(row))
        + "</row>"
        for number, row in enumerate(rows, 1)
    )
    return document(f"{before}<sheetData>{made}</sheetData>{behind}")


def document(inside: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="{MAIN}">{inside}</worksheet>'


def book(
    *sheets: tuple[str, str] | tuple[str, str, str], shared: str = "", properties: str = "", styles: str = DATED
) -> bytes:
    """A workbook of sheets: name, XML and, where it is not visible, its state. `shared` is the XML of its texts."""
    catalogue = "".join(
        f'<sheet name="{one[0]}" sheetId="{at}" state="{one[2] if len(one) > 2 else "visible"}" r:id="r{at}"/>'
        for at, one in enumerate(sheets, 1)
    )
    relations = "".join(
        f'<Relationship Id="r{at}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{at}.xml"/>'
        for at in range(1, len(sheets) + 1)
    )
    relations += f'<Relationship Id="t" Type="{OFFICE}/sharedStrings" Target="/xl/sharedStrings.xml"/>' * bool(shared)
    relations += f'<Relationship Id="s" Type="{OFFICE}/styles" Target="styles.xml"/>'
    parts = {
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{properties}'
        f"<sheets>{catalogue}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{RELATIONS}">{relations}</Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}">{styles}</styleSheet>',
        **{f"xl/worksheets/sheet{at}.xml": one[1] for at, one in enumerate(sheets, 1)},
    }
    if shared:
        parts["xl/sharedStrings.xml"] = f'<sst xmlns="{MAIN}">{shared}</sst>'
    return packed(parts)


def packed(parts: Mapping[str, str | bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return made.getvalue()


def changed(content: bytes, changes: Mapping[bytes, bytes]) -> bytes:
    """The workbook with these bytes replaced in all its parts, as somebody who corrects it would."""
    parts = {}
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        for name in old.namelist():
            part = old.read(name)
            for before, after in changes.items():
                part = part.replace(before, after)
            parts[name] = part
    return packed(parts)


def one_sheet(*rows: Sequence[object], head: Sequence[object] = HEAD, **options: str) -> bytes:
    """A workbook with one sheet of organisations."""
    return book(("机构", sheet(head, *rows, **options)))


def named_often(length: int, *, rows: int, cells: int) -> bytes:
    """Few bytes that are many in memory: one text of this length, named by rows × cells cells."""
    head = "".join(cell(f"{chr(65 + at)}1", name) for at, name in enumerate(HEAD))
    row = "<row>" + '<c t="s"><v>0</v></c>' * cells + "</row>"
    data = f'<sheetData><row r="1">{head}</row>{row * rows}</sheetData>'
    return book(("机构", document(data)), shared=f"<si><t>{'a' * length}</t></si>")
