"""Path segments of the API's own types."""

from __future__ import annotations

import re
from collections.abc import Mapping

from werkzeug.routing import BaseConverter, PathConverter, UnicodeConverter, ValidationError

from events.printing import is_printable

PATH_PARAMETER = re.compile(r"<(?:(?P<type>[a-z0-9]+):)?(?P<name>[a-z_0-9]+)>")
"""A parameter in a rule."""
CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Sha256Converter(BaseConverter):
    """64 hex digits."""

    regex = "[0-9a-f]{64}"


class NumberConverter(BaseConverter):
    """A whole number from 1 that fits PostgreSQL's integer; anything else is no address."""

    regex = "[1-9][0-9]{0,8}"

    def to_python(self, value: str) -> int:
        """The number."""
        return int(value)


class TextConverter(UnicodeConverter):
    """Any text that something could be named by; anything else is no address."""

    def to_python(self, value: str) -> str:
        """The text."""
        return _named(value)


class FileConverter(PathConverter):
    """The same with slashes."""

    def to_python(self, value: str) -> str:
        """The path."""
        return _named(value)


def _named(value: str) -> str:
    if not is_printable(value) or CONTROL.search(value):
        raise ValidationError
    return value


CONVERTERS: Mapping[str, type[BaseConverter]] = {
    "default": TextConverter, "string": TextConverter, "path": FileConverter,
    "sha256": Sha256Converter, "number": NumberConverter,
}  # fmt: skip
"""Every part of a path goes through one of these, or is a UUID."""
