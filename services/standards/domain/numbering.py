"""Numbers of standards: each kind has its own form, and a local number begins with the issuer's own division."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shared.core.errors import Fault, InvalidError

SERIAL = r" \S.*"
FORMS = {
    "national": (r"GB(/[TZ])?", "GB 1-2026、GB/T 1-2026、GB/Z 1-2026"),
    "industry": (r"(?!GB|DB)[A-Z]{2}(/T)?", "QB 1-2026、QB/T 1-2026"),
    "group": (r"T/[A-Z0-9]+", "T/ABC 1-2026"),
    "enterprise": (r"Q/[A-Z0-9]+", "Q/ABC 1-2026"),
}
"""What stands before the serial number by kind, and examples."""


@dataclass(frozen=True)
class Scheme:
    """The form that an issuer's numbers have: `prefix` is a pattern, `examples` are for people."""

    prefix: str
    examples: str


def scheme(kind: str, divisions: Iterable[str]) -> Scheme | None:
    """How an issuer of these division codes numbers standards of a kind; None where it can issue none.

    Local ones are by the Measures for the Administration of Local Standards (地方标准管理办法): DB and the first two
    digits of a province's division code, or the first four of a prefecture's; no one below these issues any.
    """
    if kind != "local":
        return Scheme(*FORMS[kind])
    whole = [code for code in divisions if code.endswith("00")]
    own = sorted({code[:2] if code.endswith("0000") else code[:4] for code in whole})
    examples = "、".join(f"DB{digits} 1-2026、DB{digits}/T 1-2026" for digits in own[:3])
    return Scheme(rf"DB({'|'.join(own)})(/T)?", examples) if own else None


def check_number(number: str, kind: str, *, divisions: Sequence[str]) -> None:
    """Raises `InvalidError` for a number that this issuer, with its division codes, cannot give this kind."""
    known = scheme(kind, divisions)
    if known is None:
        raise _not_yours(
            "贵方没有省级或市级行政区划代码,不能发布地方标准。请由省级或市级辖区参与发布。",
            "Your tenant has no division of a province or prefecture, so it issues no local standards. "
            "Let the province or prefecture issue it.",
        )
    if not re.fullmatch(known.prefix + SERIAL, number):
        raise _not_yours(
            f"标准号 {number} 不是贵方此类标准的编号。请按此形式填写:{known.examples}。",
            f"{number} is no number that your tenant gives such a standard. Write one like {known.examples}.",
        )


def _not_yours(zh: str, en: str) -> InvalidError:
    return InvalidError("number_not_yours", zh, en, [Fault("/number", zh, en)])
