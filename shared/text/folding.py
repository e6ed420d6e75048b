"""What is kept of a text: exactly what is seen of it; what cannot be seen is dropped or refused, here alone."""

from __future__ import annotations

import re
import unicodedata

PLAIN = re.compile(
    "[\x20-\x7e\xa1-\xac\xae-\u02ff\u2010-\u2027\u2030-\u205e\u3001-\u3029\u3041-\u3096"
    "\u30a0-\u30ff\u3400-\u9fff\uff01-\uff9f]*"
)
"""Shown as it is and composed already, so that nearly every text of the platform is looked at once."""
INVISIBLE = frozenset(map(chr, (
    0xAD, 0x34F, 0x61C, 0x17B4, 0x17B5, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, *range(0x2060, 0x2065), 0xFEFF,
    *range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0),
)))  # fmt: skip
"""What text editors and web pages leave behind in a copied text, and nobody sees: dropped."""
HIDING = frozenset(map(chr, (
    *range(0x202A, 0x202F), *range(0x2066, 0x2070), 0x115F, 0x1160, 0x3164, 0xFFA0, 0x2800, *range(0xFFF9, 0xFFFE),
)))  # fmt: skip
"""What reorders or pretends: bidirectional controls, fillers and blanks that count as letters, U+FFFD: refused."""
LINES = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
FROM_FILES = re.compile("[\uf900-\ufaff\U0002f800-\U0002fa1f]+")
"""Compatibility ideographs, a score of which are GBK's own: composing would put another character in their place."""
JOINING = re.compile("[\u0600-\u08ff\u0900-\u0dff\u1800-\u18af]")
"""Letters of Arabic, Indic and Mongolian script, which the joiners between them shape."""
SHAPING = frozenset("\u200c\u200d\u180b\u180c\u180d\u180e\u180f")
MONGOLIAN = re.compile("[\u1800-\u18af]")
NUMBER_SIGNS = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
"""Format characters that are seen all the same."""

WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


class UnseenError(ValueError):
    """A character that nobody can see as what it is; `place` counts characters from 1."""

    def __init__(self, character: str, place: int) -> None:
        self.place, self.point = place, f"U+{ord(character):04X}"
        super().__init__(f"{self.point} at {place}")


def kept(text: str, *, lines: bool = False) -> str:
    """The text as it is kept, composed (NFC) and without blanks around it; with `lines`, its lines and tabs stay.

    Folding twice is folding once. Raises `UnseenError`.
    """
    if not PLAIN.fullmatch(text):
        for place, character in enumerate(text, 1):
            if _is_refused(character):
                raise UnseenError(character, place)
        # Without what is not seen, unless it shapes the letters beside it.
        without = "".join(one for one in text if one not in INVISIBLE or one in SHAPING)
        seen = "".join(one for at, one in enumerate(without) if one not in INVISIBLE or _shapes(without, at))
        # NFC, but for compatibility ideographs.
        pieces, at = [], 0
        for found in FROM_FILES.finditer(seen):
            pieces += [unicodedata.normalize("NFC", seen[at : found.start()]), found.group()]
            at = found.end()
        text = "".join((*pieces, unicodedata.normalize("NFC", seen[at:])))
    return LINES.sub("\n", text).strip() if lines else " ".join(text.split())


def narrow(text: str) -> str:
    """Full-width letters, digits and signs, as Chinese input methods type them, in the width of ASCII."""
    return text.translate(WIDE)


def is_blank(text: str) -> bool:
    """Whether there is nothing to see: no letter, digit, sign or symbol."""
    return not any(unicodedata.category(one)[0] in "LNPS" or _is_newer(one) for one in text)


def is_ideograph(character: str) -> bool:
    """Also one that Unicode has added since this Python was made: Extension H, I and on."""
    return "\U00020000" <= character < "\U0003fffe" and not _is_nothing(character)


def _is_refused(character: str) -> bool:
    if character in HIDING:
        return True
    if character in INVISIBLE or character in NUMBER_SIGNS or character.isspace():
        return False
    category = unicodedata.category(character)
    return category in ("Cc", "Cf", "Cs", "Co") or (category == "Cn" and not _is_newer(character))


def _is_newer(character: str) -> bool:
    """Ideographs and pictures."""
    return is_ideograph(character) or ("\U0001f000" <= character < "\U0001fc00" and not _is_nothing(character))


def _is_nothing(character: str) -> bool:
    return ord(character) & 0xFFFE == 0xFFFE


def _shapes(text: str, at: int) -> bool:
    before, mark, after = text[at - 1 : at], text[at], text[at + 1 : at + 2]
    if MONGOLIAN.match(mark):
        return bool(MONGOLIAN.match(before))
    if JOINING.match(before) and JOINING.match(after):
        return True
    return mark == "\u200d" and all(one and unicodedata.category(one) in ("So", "Sk") for one in (before, after))
