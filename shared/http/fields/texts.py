"""Fields for texts with a rule of their own: identifiers in their one form, many lines, addresses of mail, secrets."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate
from marshmallow.types import ErrorMessages

from shared.http.fields.strict import Text
from shared.text.identifiers import KINDS, NotOneError
from shared.text.identifiers.writing import UNSEEN, plainly

LONGEST_MAIL = 200
MAIL_MESSAGES: ErrorMessages = {"invalid": "必须是电子邮箱地址 / Must be an e-mail address"}
UNPRINTABLE = "只能有可打印的 ASCII 字符,请重新复制 / Must have printable ASCII: copy it again"
LENGTH = "应为 {min} 至 {max} 个字符 / Must have {min} to {max} characters"


class Identifier(fields.String):
    """An identifier of a kind that `shared.text.identifiers` knows: however it was written, inside it has its one form.

    With `strict=False` what cannot be one is let through as written: for questions whose answer says so.
    """

    def __init__(self, kind: str, *, strict: bool = True, **kwargs: Any) -> None:
        self.kind, self.identifies, self.strict = kind, KINDS[kind], strict
        super().__init__(validate=validate.Length(1, self.identifies.longest, error=LENGTH), **kwargs)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        given: str = super()._deserialize(value, *args, **kwargs)
        if not 1 <= len(given) <= self.identifies.longest:
            return given
        try:
            return self.identifies.normal(given)
        except NotOneError as error:
            if not self.strict and error.said is not UNSEEN:
                return plainly(given) or given
            _code, zh, en = error.said
            raise ValidationError(f"{zh} / {en}") from error


class Lines(Text):
    """As `Text`, with its lines and tabs."""

    lines = True


class Mail(fields.Email):
    """An e-mail address, also one typed in full width or copied out of a sentence."""

    def __init__(self, **kwargs: Any) -> None:
        length = validate.Length(3, LONGEST_MAIL, error=LENGTH)
        super().__init__(validate=length, error_messages=MAIL_MESSAGES, **kwargs)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        given: str = super()._deserialize(value, *args, **kwargs)
        try:
            return plainly(given).replace(" ", "")
        except NotOneError:
            return given


class Secret(fields.String):
    """What another program made and compares byte by byte: kept as it is, in printable ASCII."""

    def __init__(self, maximum: int, **kwargs: Any) -> None:
        printable = validate.Regexp(r"[\x20-\x7e]+\Z", error=UNPRINTABLE)
        # JSON Schema's expressions know no `\Z`.
        documented = {"pattern": r"^[\x20-\x7e]+$", "format": "password"}
        super().__init__(validate=[validate.Length(1, maximum, error=LENGTH), printable], metadata=documented, **kwargs)
