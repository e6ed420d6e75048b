"""Why no row of a file may be taken."""

from __future__ import annotations

from shared.core.errors import InvalidError
from shared.tables.rows import MOST_ROWS, MOST_TEXT


def not_a_workbook(why_zh: str = "", why_en: str = "") -> InvalidError:
    """Not XLSX, damaged, encrypted, with macros or with an encoding nobody writes."""
    return InvalidError(
        "not_a_workbook",
        f"这不是可以读取的 XLSX 工作簿({why_zh or '可能已损坏、加密或含宏'})。请另存为 .xlsx 或 CSV 后重新上传。",
        f"This is no readable XLSX workbook ({why_en or 'damaged, encrypted, with macros?'}). "
        "Save it as .xlsx or CSV anew.",
    )


def workbook_too_large(what_zh: str, what_en: str) -> InvalidError:
    """`what` names the bound."""
    return InvalidError(
        "workbook_too_large",
        f"工作簿过大:{what_zh}。请只保留数据表,或分成几个文件。",
        f"The workbook is too large: {what_en}. Keep the table alone, or split the file.",
    )


def too_many_rows() -> InvalidError:
    return InvalidError(
        "too_many_rows",
        f"文件超过 {MOST_ROWS} 行。请分成几个文件。",
        f"The file has more than {MOST_ROWS} rows. Split it into several files.",
    )


def too_much_text() -> InvalidError:
    """The bound on cells × length: a text that many cells name counts as often as they do."""
    return InvalidError(
        "table_too_large",
        f"所有单元格合计超过 {MOST_TEXT:,} 个字符。请缩短内容,或分成几个文件。",
        f"All cells together have more than {MOST_TEXT:,} characters. Shorten them, or split the file.",
    )


def no_rows() -> InvalidError:
    return InvalidError(
        "file_empty",
        "文件没有数据行。请在表头下填写后重新上传。",
        "The file has no rows. Fill in rows below the heading and upload it again.",
    )


def out_of_memory(megabytes: int) -> InvalidError:
    return InvalidError(
        "table_too_large",
        f"读取该文件需要超过 {megabytes} MB 内存,已停止。请只保留数据表,或分成几个文件。",
        f"Reading this takes more than {megabytes} MB of memory and was stopped. Keep the table alone, or split it.",
    )


def out_of_time(seconds: int) -> InvalidError:
    return InvalidError(
        "table_too_slow",
        f"读取该文件超过 {seconds} 秒,已停止。请只保留数据表,或分成几个文件。",
        f"Reading this file took more than {seconds} seconds and was stopped. Keep the table alone, or split the file.",
    )


def unreadable() -> InvalidError:
    """The reader ended without a reason of its own."""
    return InvalidError(
        "table_unreadable",
        "无法读取该文件。请用表格软件打开后另存为“CSV UTF-8”或 .xlsx,再上传。",
        "The file cannot be read. Open it in a spreadsheet, save it as 'CSV UTF-8' or .xlsx, and upload it again.",
    )
