"""What a paper certificate says, signed by its home in so few bytes that they fit into the code on it.

Whoever has the code and the home's public key proves offline that the paper was made there, and compares the lines.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from events.canonical import Json, canonical
from events.foreign import MALFORMED, read
from shared.core.encoding import b64decode, b64encode

FORMAT = "xietong.certificate.v1"
PREFIX = "XT1"
WRITTEN = re.compile(rf"{PREFIX}\.([A-Za-z0-9_-]{{20,2000}})\.([A-Za-z0-9_-]{{86}})")
LONGEST_NAME = 40
"""Characters of a name; the paper has it whole."""
MOST_BYTES = 560
"""Of the whole statement: the code stays one that is read off paper."""


class StatementError(Exception):
    """There is no statement in a text, or none that can be read."""


def statement(said: Mapping[str, Json], *, products: Sequence[tuple[str, str]]) -> dict[str, Json]:
    """The document that is signed: of the products as many as there is room for, then how many `more` there are.

    `said` are `certificate` (its number), `key` and `at` (the key that signs, and when), and `holder`, `body` (name and
    credit code), `standard` (numbers) and `valid` (first and last day) as the paper shows them.
    """
    short = {name: _short(value) for name, value in said.items()}
    listed: list[Json] = [[code, name[:LONGEST_NAME]] for code, name in products]
    made: list[dict[str, Json]] = [
        {"format": FORMAT, **short, "products": listed[:kept], "more": len(listed) - kept}
        for kept in range(len(listed), -1, -1)
    ]
    return next((one for one in made if len(canonical(one)) <= MOST_BYTES), made[-1])


def _short(value: Json) -> Json:
    if isinstance(value, str):
        return value[:LONGEST_NAME]
    return [_short(one) for one in value] if isinstance(value, list) else value


def written(document: Mapping[str, Json], signature: str) -> str:
    """Document and signature as they stand in the code, behind the address."""
    return f"{PREFIX}.{b64encode(canonical(document))}.{signature}"


def read_statement(text: str) -> tuple[Mapping[str, Any], str]:
    """Document and signature out of a text that holds them, such as what a scanner reads; raises `StatementError`."""
    found = WRITTEN.search(text)
    if found is None:
        raise StatementError("没有可核验的内容 / Nothing to verify stands in it")
    try:
        document = read(b64decode(found[1]))
    except MALFORMED as error:
        raise StatementError(f"内容无法读取 / It cannot be read: {error}") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise StatementError("格式不符 / It has another format")
    return document, found[2]
