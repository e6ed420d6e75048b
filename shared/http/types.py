"""Path segments of the API's own types."""

from __future__ import annotations

import re
import unicodedata
from typing import ClassVar

from werkzeug.routing import BaseConverter, ValidationError

from shared.identifiers import KINDS, form

PATH_PARAMETER = re.compile(r"<(?:(?P<type>[a-z0-9]+):)?(?P<name>[a-z_0-9]+)>")
"""A parameter in a rule."""


class Sha256Converter(BaseConverter):
    """64 hex digits, inside in small letters."""

    regex = "[0-9a-fA-F]{64}"

    def to_python(self, value: str) -> str:
        """As files are kept."""
        return value.lower()


class IdentifierConverter(BaseConverter):
    """An identifier in its one form; what cannot be one stays as it is, for there is nothing under it."""

    kind: ClassVar[str]

    def to_python(self, value: str) -> str:
        """The form in which it is kept; no address holds a control character or half of one."""
        if any(unicodedata.category(one) in ("Cc", "Cs") for one in value):
            raise ValidationError
        return form(self.kind, value)


def identifier_converters() -> dict[str, type[IdentifierConverter]]:
    """One for each kind, called as in `<creditcode:code>`."""
    return {
        name.replace("_", ""): type(f"{name}_converter", (IdentifierConverter,), {"kind": name})
        for name in KINDS
        if name != "sha256"
    }


class NumberConverter(BaseConverter):
    """A whole number from 1 that fits PostgreSQL's integer; anything else is no address."""

    regex = "[1-9][0-9]{0,8}"

    def to_python(self, value: str) -> int:
        """The number."""
        return int(value)
