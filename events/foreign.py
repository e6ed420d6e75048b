"""Foreign JSON: what others wrote is read within bounds, in the one meaning it has, or refused saying where."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Any, NoReturn

import orjson

from events.canonical import Json
from events.printing import is_printable, printable, shortened

MALFORMED = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What reading anything of another form than expected may raise, however odd it is; the one list there is."""
LARGEST = 1_000_000
DEEPEST = 64
"""Arrays and objects within each other. What comes in is held to less, for it goes out again inside of something."""

STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
ALIKE = bytes.maketrans(b"123456789", b"000000000")
LONG = b"0" * 300
"""Digits that may be too many, once all are alike; Python takes quadratic time for digits without end."""
BRACKETS = b"[]{}"
OTHERS = bytes(set(range(256)) - set(BRACKETS))
ESCAPED = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
"""What alone can bring NUL or a lone surrogate into text that is UTF-8."""


UNSTORABLE = rb"\u0000"


class ForeignJsonError(ValueError):
    """Not JSON that has one meaning and can be kept; `pointer` (RFC 6901) says where, '' for the whole."""

    def __init__(self, code: str, *, zh: str, en: str, pointer: str = "") -> None:
        super().__init__(f"{en} ({pointer})" if pointer else en)
        self.code, self.zh, self.en, self.pointer = code, zh, en, pointer


class _Object(dict[str, Any]):
    """An object in which `twice` stood more than once."""

    twice: str


def read(given: bytes | str, *, largest: int = LARGEST, deepest: int = DEEPEST) -> Json:
    """The JSON value; raises `ForeignJsonError`, and nothing else whatever is given.

    Stricter than RFC 8259 where readers differ: UTF-8 alone, no member twice, no number that no double can hold, no
    text that cannot be kept. A byte order mark is passed over.
    """
    data = given.encode(errors="surrogatepass") if isinstance(given, str) else given
    if len(data) > largest:
        raise ForeignJsonError("too_large", zh=f"超过 {largest} 字节", en=f"more than {largest} bytes")
    # Before parsing, which is recursive. Most JSON has fewer brackets than it may be deep, and needs no closer look.
    if data.count(b"[") + data.count(b"{") > deepest:
        _check_depth(data, deepest)
    # What is written as orjson writes it has one meaning, and most of it is: from our own code, or compact and plain.
    with suppress(orjson.JSONDecodeError):
        quick = orjson.loads(data)
        if UNSTORABLE not in data and orjson.dumps(quick) == data:
            return quick
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        at = error.start
        raise ForeignJsonError("not_utf8", zh=f"第 {at} 字节不是 UTF-8", en=f"no UTF-8 at byte {at}") from error
    odd: list[_Object] = []
    whole = _whole if LONG in data.translate(ALIKE) else None
    try:
        value = json.loads(text, object_pairs_hook=partial(_once_each, odd), parse_constant=_refuse_constant,
                           parse_float=_finite, parse_int=whole)  # fmt: skip
    except json.JSONDecodeError as error:
        raise ForeignJsonError(
            "not_json",
            zh=f"不是 JSON:第 {error.lineno} 行第 {error.colno} 列",
            en=f"no JSON: {error.msg} at line {error.lineno} column {error.colno}",
        ) from error
    if odd or ESCAPED.search(text):
        for code, steps in _faults(value, ()):
            zh, en = FAULTS[code]
            raise ForeignJsonError(code, zh=zh, en=en, pointer="".join(map(_below, steps)) or "/")
    return value


def _check_depth(data: bytes, deepest: int) -> None:
    depth = 0
    for bracket in STRING.sub(b"", data).translate(None, OTHERS):
        depth += 1 if bracket in b"[{" else -1
        if depth > deepest:
            raise ForeignJsonError(
                "too_deep", zh=f"嵌套超过 {deepest} 层", en=f"nested more than {deepest} levels deep"
            )


def _once_each(odd: list[_Object], pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) == len(pairs):
        return made
    # Which of two counts is a matter of taste, so somebody else would read something else here.
    seen: set[str] = set()
    found = _Object(made)
    # `add` returns None: the first name that is there already.
    found.twice = next(name for name, _value in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
    odd.append(found)
    return found


def _refuse_constant(text: str) -> NoReturn:
    raise ForeignJsonError("number", zh=f"{text} 不是 JSON 数字", en=f"{text} is no JSON number")


def _finite(text: str) -> float:
    made = float(text)
    if math.isinf(made):
        raise ForeignJsonError("number", zh=f"数字过大:{text[:20]}…", en=f"a number is too large: {text[:20]}…")
    return made


def _whole(text: str) -> int:
    _finite(text)
    return int(text)


FAULTS = {
    "twice": ("同一名称出现两次,请只保留一个", "stands twice: keep one"),
    "unstorable": ("含有 NUL 或不成对的代理字符,请删除", "holds a NUL or a lone surrogate character: remove it"),
}


def _faults(value: Json, steps: tuple[str | int, ...]) -> Iterator[tuple[str, tuple[str | int, ...]]]:
    # Names are not copied on the way: a pointer for each of many items below a long one would take minutes.
    if isinstance(value, str) and not is_printable(value):
        yield "unstorable", steps
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _faults(item, (*steps, index))
    elif isinstance(value, dict):
        if isinstance(value, _Object):
            yield "twice", (*steps, value.twice)
        for name, item in value.items():
            if not is_printable(name):
                yield "unstorable", (*steps, name)
            yield from _faults(item, (*steps, name))


def _below(step: str | int) -> str:
    return "/" + printable(shortened(str(step))).replace("~", "~0").replace("/", "~1")
