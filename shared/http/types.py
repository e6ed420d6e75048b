"""Path segments of the API's own types."""

from __future__ import annotations

import re

from werkzeug.routing import BaseConverter

PATH_PARAMETER = re.compile(r"<(?:(?P<type>[a-z0-9]+):)?(?P<name>[a-z_0-9]+)>")
"""A parameter in a rule."""


class Sha256Converter(BaseConverter):
    """64 hex digits."""

    regex = "[0-9a-f]{64}"


class NumberConverter(BaseConverter):
    """A whole number from 1 that fits PostgreSQL's integer; anything else is no address."""

    regex = "[1-9][0-9]{0,8}"

    def to_python(self, value: str) -> int:
        """The number."""
        return int(value)
