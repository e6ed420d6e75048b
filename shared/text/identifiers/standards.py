"""Numbers of standards (GB/T 1.1, 地方标准管理办法 and so on) and of the projects that they come from."""

from __future__ import annotations

import re

from shared.text.identifiers.writing import NotOneError, Said, capitals

TIGHT = re.compile(r" ?([-/]) ?")
PREFIX = re.compile(r"(GB(?:/[TZ])?|DB[0-9]{2}(?:[0-9]{2})?/T|[A-Z]{2}/T|T/[A-Z]+|Q/[A-Z]+)(?=[0-9])")
"""What a serial number follows, also where the blank between them was left out."""
YEAR = re.compile(r"[(\[{【〔<] ?([0-9]{4}) ?[)\]}】〕>]")
NUMBER: Said = (
    "wrong",
    "这不是标准编号。请按封面填写,如 GB/T 19001-2026、DB51/T 1234-2026。",
    "This is no number of a standard. Write it as on its cover, such as GB/T 19001-2026 or DB51/T 1234-2026.",
)
PROJECT: Said = (
    "wrong",
    "项目编号应含有文字或数字,请按立项文件填写。",
    "The number of a project has letters or digits. Write it as in the document that opened it.",
)


def standard_number(text: str) -> str:
    """In capitals, with hyphens, and one blank before the serial number: `DB51/T 1234-2026`."""
    number = PREFIX.sub(r"\1 ", TIGHT.sub(r"\1", capitals(text)), count=1)
    if not re.match("[A-Z]", number) or not re.search("[0-9]", number):
        raise NotOneError(NUMBER)
    return number


def project_number(text: str) -> str:
    """In capitals, with hyphens, the year of an official document in 〔〕."""
    number = YEAR.sub(r"〔\1〕", TIGHT.sub(r"\1", capitals(text)))
    if not any(one.isalnum() for one in number):
        raise NotOneError(PROJECT)
    return number
