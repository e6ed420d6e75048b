"""What others wrote, quoted so that every answer, log line and table can hold it."""

from __future__ import annotations

from typing import Any

LONGEST_NAME = 100


def printable(text: str) -> str:
    """NUL and lone surrogates, which neither UTF-8 nor PostgreSQL can hold, are spelled out: as escapes."""
    return text.replace("\0", "\\x00").encode(errors="backslashreplace").decode()


def shortened(name: str) -> str:
    """A name as it was given, but not at any length: answers say it several times."""
    return name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}…"


def printable_json(value: Any) -> Any:
    """The same for every name and text in a JSON value; anything else stays as it is."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {printable_json(name): printable_json(item) for name, item in value.items()}
    return [printable_json(item) for item in value] if isinstance(value, list | tuple) else value


def is_printable(text: str) -> bool:
    """Whether UTF-8 and PostgreSQL can hold the text as it is."""
    return "\0" not in text and not any("\ud800" <= one <= "\udfff" for one in text)
