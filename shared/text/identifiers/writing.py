"""How identifiers come from paper, keyboards and messages: in any width, with any dash, in quotes, with a full stop."""

from __future__ import annotations

import re
import unicodedata

from shared.text.folding import UnseenError, kept

DASHES = re.compile("[\u00ad\u02d7\u1806\u2010-\u2015\u2043\u207b\u208b\u2212\u2e3a\u2e3b\u30fc\u1173-]+")
LOOKALIKES = str.maketrans("OIL", "011")
SLASHES = re.compile("[\u2044\u2215\u29f8]")
BESIDE = " .,;:!?\"'`。、·“”‘’„‟«»‹›「」『』〈〉《》〝〞"
"""What stands beside an identifier in a sentence, after NFKC."""
PAIRS = {"(": ")", "[": "]", "{": "}", "<": ">", "〔": "〕", "〖": "〗", "【": "】"}

Said = tuple[str, str, str]
"""What is wrong: a stable word, in Chinese, in English."""


UNSEEN: Said = (
    "unseen",
    "含有看不见、会改变显示或无法保存的字符,请重新输入",
    "Holds a character that is not seen as what it is: type it anew",
)


class NotOneError(ValueError):
    """What was given cannot be an identifier of the kind that is asked for; `said` never holds what was given."""

    def __init__(self, said: Said) -> None:
        super().__init__(said[0])
        self.said = said


def plainly(text: str) -> str:
    """In plain width and digits, with one sort of dash and blank, out of its sentence.

    Raises `NotOneError` for a character that is not seen as what it is: nothing else could be read aloud.
    """
    if text.isascii() and text.isalnum():
        return text
    try:
        written = unicodedata.normalize("NFKC", kept(text))
    except UnseenError as error:
        raise NotOneError(UNSEEN) from error
    digits = "".join(map(_digit, written))
    return _alone(" ".join(SLASHES.sub("/", DASHES.sub("-", digits)).split()))


def compactly(text: str) -> str:
    """As `plainly`, without any blank, in capitals."""
    return capitals(text).replace(" ", "")


def capitals(text: str) -> str:
    """As `plainly`, in capitals; some letters have capitals of several characters, which are composed again."""
    return unicodedata.normalize("NFKC", plainly(text).upper())


def typed(text: str) -> str:
    """Letters and digits alone, in capitals: for codes that are read from a screen or a sheet of paper; '' for none."""
    try:
        return "".join(one for one in compactly(text) if one.isalnum())
    except NotOneError:
        return ""


def singly(text: str) -> str:
    """In plain width, dashes and blanks, character by character: what stands somewhere in it stands there in `text`."""
    return "".join(map(_single, text))


def _single(character: str) -> str:
    if DASHES.fullmatch(character):
        return "-"
    plain = unicodedata.normalize("NFKC", character)
    return " " if character.isspace() else _digit(plain) if len(plain) == 1 else character


def crockford(text: str) -> str:
    """O read as 0, I and L as 1, for what is written in Crockford's base 32, which has none of these letters."""
    return text.translate(LOOKALIKES)


def _digit(character: str) -> str:
    return str(unicodedata.decimal(character)) if character.isdecimal() else character


def _alone(text: str) -> str:
    """Without punctuation and quotes around it; brackets go with their other half, or where that is missing."""
    while True:
        bare = text.strip(BESIDE)
        closing = PAIRS.get(bare[:1])
        if closing and bare.find(closing) in (-1, len(bare) - 1):
            bare = bare[1:].removesuffix(closing)
        elif any(bare.endswith(close) and opening not in bare for opening, close in PAIRS.items()):
            bare = bare[:-1]
        if bare == text:
            return text
        text = bare
