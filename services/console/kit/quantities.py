"""Quantities as people read and type them."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation
from typing import Any

PLAIN_DECIMAL = re.compile(r"[0-9]{1,12}(\.[0-9]{0,12})?|\.[0-9]{1,12}")


def grouped(text: str) -> str:
    """A quantity with its thousands apart; '' for what is none."""
    return f"{Decimal(text):,f}" if PLAIN_DECIMAL.fullmatch(text) else ""


def decimal_of(text: str) -> Decimal | None:
    """A number as people type it, also in full width and with a per cent sign; None for anything else."""
    plain = unicodedata.normalize("NFKC", text).strip().removesuffix("%").strip()
    return Decimal(plain) if PLAIN_DECIMAL.fullmatch(plain) else None


def per_cent(value: Any) -> str:
    """A ratio in per cent, without needless noughts; what is none stays as it is."""
    try:
        text = f"{Decimal(str(value)) * 100:f}"
    except InvalidOperation:
        return str(value)
    return text.rstrip("0").rstrip(".") if "." in text else text
