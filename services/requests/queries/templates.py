"""The template of a yearly list of service items, for those who fill it in."""

from __future__ import annotations

import csv
import io

from services.requests.domain.listed import COLUMNS, EXAMPLE


def template_csv() -> bytes:
    """UTF-8 with a byte order mark, without which spreadsheets take Chinese for something else."""
    text = io.StringIO()
    csv.writer(text).writerows([list(COLUMNS.values()), [EXAMPLE.get(name, "") for name in COLUMNS]])
    return text.getvalue().encode("utf-8-sig")
