"""Fields of names that are printed one day: what no document can show is refused when it is given, by character."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError

from shared.http.fields.strict import Text
from shared.pdf.typeface import UnprintableError, check_printable


class Printed(Text):
    """A `Text` of characters that the font of printed documents has."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, *args, **kwargs)
        try:
            check_printable(text)
        except UnprintableError as error:
            raise ValidationError(f"{error.zh} / {error.en}") from error
        return text
