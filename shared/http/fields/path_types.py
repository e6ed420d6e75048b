"""Path segments of the API's own types."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar
from uuid import UUID

from werkzeug.exceptions import NotFound
from werkzeug.routing import BaseConverter, PathConverter, UnicodeConverter

from events.printing import is_printable
from shared.keys.addressing import addressed
from shared.text.identifiers import KINDS, form

PATH_PARAMETER = re.compile(r"<(?:(?P<type>[a-z0-9]+):)?(?P<name>[a-z_0-9]+)>")
"""A parameter in a rule."""
CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Sha256Converter(BaseConverter):
    """64 hex digits, inside in small letters."""

    regex = "[0-9a-fA-F]{64}"

    def to_python(self, value: str) -> str:
        """As files are kept."""
        return value.lower()


class NumberConverter(BaseConverter):
    """A whole number from 1 that fits PostgreSQL's integer; anything else is no address."""

    regex = "[1-9][0-9]{0,8}"

    def to_python(self, value: str) -> int:
        """The number."""
        return int(value)


class TenantConverter(BaseConverter):
    """A tenant by its id or code; inside its id. What can be neither is no address."""

    def to_python(self, value: str) -> UUID:
        """The id, whether there is such a tenant or not."""
        tenant = addressed(value) if len(value) <= KINDS["tenant_code"].longest else None
        if tenant is None:
            raise NotFound
        return tenant


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
        # No ValidationError: that would be 405 where the same address takes another method.
        raise NotFound
    return value


class IdentifierConverter(TextConverter):
    """An identifier in its one form; what cannot be one stays as it is, for there is nothing under it."""

    kind: ClassVar[str]

    def to_python(self, value: str) -> str:
        """The form in which it is kept; what is longer than any way to write one is none."""
        named = super().to_python(value)
        return form(self.kind, named) if len(named) <= KINDS[self.kind].longest else named


CONVERTERS: Mapping[str, type[BaseConverter]] = {
    "default": TextConverter, "string": TextConverter, "path": FileConverter,
    "sha256": Sha256Converter, "number": NumberConverter, "tenant": TenantConverter,
    # One for each kind, called as in `<creditcode:code>`.
    **{name.replace("_", ""): type(f"{name}_converter", (IdentifierConverter,), {"kind": name})
       for name in KINDS if name != "sha256"},
}  # fmt: skip
"""Every part of a path goes through one of these, or is a UUID."""
