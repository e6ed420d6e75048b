"""Foreign JSON: whatever bytes come, a value of one meaning or one small error."""

from __future__ import annotations

import contextlib
import json
import math
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.foreign import DEEPEST, ForeignJsonError, read
from events.printing import is_printable, printable, printable_json

TAKEN = (
    b"{}", b"null", b"[1, 2.5, -0, 1e3]", '{"名":"张三"}'.encode(), b"\xef\xbb\xbf{}",
    rb'"\ud83d\ude00"', rb'"\\u0000"',
    b'"' + b"[{" * 500 + b'"', rb'"\"[[["', b"[" * DEEPEST + b"]" * DEEPEST, b"9" * 308, b'{"a":1,"b":{"a":1}}',
)  # fmt: skip
REFUSED = {
    "not_json": (b"", b"[1", b'"', b'"\\', b"{'a':1}", b"\0", b"[1,]", b"01", b"tru", b'{"a"}',
                 "{}".encode("utf-32-le"),
                 b'["\\"' + b"[" * 60),
    "too_deep": (b"[" * 1200 + b"]" * 1200, b'{"a":' * 100_000, b"[" * (DEEPEST + 1), b'["\\"]"' + b"[" * DEEPEST),
    "too_large": (b" " * 1_000_001,),
    "not_utf8": (b'"\xff"', "{}".encode("utf-16"), b'"\xed\xa0\x80"', '"川"'.encode()[:-2]),
    "number": (b"NaN", b"[Infinity]", b"-Infinity", b"1e999", b"-1e999", b"9" * 400, b"[" + b"9" * 5000 + b"]"),
    "twice": (b'{"a":1,"a":1}', b'[{"b":{"a":1,"c":2,"a":3}}]', rb'{"a":1,"\u0061":2}', b'{"":0,"":0}'),
    "unstorable": (rb'"\u0000"', rb'{"a":["\ud800"]}', rb'{"\udc00":1}', rb'{"a\u0000":1}', rb'"\udc00\ud800"'),
}  # fmt: skip


@pytest.mark.parametrize("data", TAKEN)
def test_json_of_one_meaning_is_read_as_everybody_reads_it(data: bytes) -> None:
    assert read(data) == json.loads(data)


@pytest.mark.parametrize(("code", "data"), [(code, data) for code, cases in REFUSED.items() for data in cases])
def test_whatever_else_comes_is_refused_by_the_one_error(code: str, data: bytes) -> None:
    with pytest.raises(ForeignJsonError) as refused:
        read(data)
    assert refused.value.code == code
    assert refused.value.zh != refused.value.en
    refused.value.en.encode()


@pytest.mark.parametrize(
    ("data", "pointer"),
    [
        (rb'{"terms":[{"ratios":{"x":"0.3","x":"0.5"}}]}', "/terms/0/ratios/x"),
        (rb'{"items":[{},{"name":"a\u0000"}]}', "/items/1/name"),
        (rb'{"a/b~":{"\ud800":1}}', "/a~1b~0/\\ud800"),
        (rb'"\u0000"', "/"),
    ],
)
def test_it_is_said_where(data: bytes, pointer: str) -> None:
    with pytest.raises(ForeignJsonError) as refused:
        read(data)
    assert refused.value.pointer == pointer


@pytest.mark.parametrize("members", ['"{0}":1,"{0}":2', '"{0}":"\\u0000"', '"{0}\\u0000":1'])
def test_a_name_is_said_where_it_stands_but_not_at_any_length(members: str) -> None:
    with pytest.raises(ForeignJsonError) as refused:
        read("{" + members.format("a" * 300_000) + "}")
    assert refused.value.pointer == f"/{'a' * 100}…"


@given(st.binary(max_size=300) | st.text(max_size=300))
def test_any_bytes_and_any_text_give_a_value_or_the_one_error(data: bytes | str) -> None:
    try:
        value = read(data, largest=250, deepest=5)
    except ForeignJsonError:
        return
    json.dumps(value, ensure_ascii=False, allow_nan=False).encode()


PIECES = st.sampled_from(
    ["{", "}", "[", "]", ":", ",", '"', "\\", '"a"', '"b"', "\\u0000", "\\ud83d", "\\ude00", "1", "e", "9" * 310, "-",
     "NaN", "true", "川", " ", "\ufeff", "\x1f"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=40).map("".join))
def test_what_is_taken_is_what_the_standard_library_takes(text: str) -> None:
    try:
        value = read(text, deepest=8)
    except ForeignJsonError:
        return
    assert json.loads(text.removeprefix("\ufeff")) == value
    assert _depth(value) <= 8


FINITE = st.floats(allow_nan=False, allow_infinity=False)
KEPT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=9)
VALUES: Any = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | FINITE | KEPT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEPT, inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@given(VALUES)
def test_every_value_that_can_be_kept_comes_back(value: Any) -> None:
    assert read(json.dumps(value)) == value


def _depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(_depth, inner), default=0)


HOSTILE = (
    b"[]" * 499_999, b'"' * 999_999, b'"\\' * 499_999, b"[" * 999_999, b"-" * 999_999, b"[" + b"9" * 999_990 + b"]",
    b"[" + (b"9" * 299 + b",") * 3_300 + b"1]", b"0." + b"0" * 999_990, b"{" + b'"k":1,' * 160_000 + b'"k":1}',
    b'{"' + b"k" * 500_000 + b'":[' + b"0," * 200_000 + b'"\\ud83d\\ude00"]}',
)  # fmt: skip


@pytest.mark.parametrize("data", HOSTILE, ids=range(len(HOSTILE)))
def test_a_megabyte_of_anything_is_judged_in_linear_time(data: bytes) -> None:
    began = time.process_time()
    with contextlib.suppress(ForeignJsonError):
        read(data)
    assert time.process_time() - began < 2


def test_a_number_is_finite_whichever_way_it_is_written() -> None:
    assert all(
        math.isfinite(float(read(data))) for data in (b"9" * 308, b"1e308", b"0." + b"9" * 400, b"1" + b"0" * 308)
    )


@given(st.text(st.characters(codec=None), max_size=20))
def test_what_is_printable_can_be_kept_and_stays_as_it_was(text: str) -> None:
    spelled = printable(text)
    assert is_printable(spelled)
    spelled.encode()
    assert spelled == text or not is_printable(text)


def test_names_and_texts_of_a_whole_value_become_printable() -> None:
    assert printable_json({"\ud800": ["\0", 1, None, ("a",)]}) == {"\\ud800": ["\\x00", 1, None, ["a"]]}
