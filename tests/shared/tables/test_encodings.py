"""Encodings: a file is read as what it surely is, or refused with the place and what to do."""

from __future__ import annotations

import io

import pytest

from shared.core.errors import InvalidError
from shared.tables.encodings import SLICE, encoding_of

HEAD = "code,name_zh,kind,division\n"
NAMES = ("成都某某有限公司", "重庆两江新区", "四川成渝双城经济圈研究院", "广安装备制造股份有限公司")
FOREIGN = {
    "big5": (
        "澳門金沙有限公司",
        "台灣積體電路製造股份有限公司",
        "香港",
        "高雄",
        "鴻海精密工業股份有限公司",
        "中山大學",
    ),
    "cp950": ("香港中華煤氣有限公司", "國泰金融控股"),
    "euc_kr": ("서울", "주식회사", "대한민국", "한국전력공사"),
    "shift_jis": ("トヨタ自動車", "株式会社東京電力", "日本"),
    "euc_jp": ("東京電力株式会社", "日本", "トヨタ自動車"),
    "latin-1": ("Société Générale", "Müller GmbH", "Ångström"),
}


def file(*names, encoding="utf-8"):
    rows = "".join(f"91510100MA6TE5T55J,{name},enterprise,510100\n" for name in names)
    return (HEAD + rows).encode(encoding)


def found(content):
    return encoding_of(io.BytesIO(content))


def refusal(content):
    with pytest.raises(InvalidError) as error:
        found(content)
    return error.value


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("written", "read"), [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("gb18030", "gb18030"), ("gbk", "gb18030")]
)
def test_chinese_is_read_in_the_encoding_in_which_it_was_written(name, written, read):
    content = file(name, encoding=written)
    assert found(content) == read
    assert content.decode(read) == file(name).decode()


def test_rare_characters_among_usual_ones_are_read_in_gb18030():
    assert found(file("成都䶮㛃喆堃镕实业有限公司", *NAMES, encoding="gb18030")) == "gb18030"


@pytest.mark.parametrize(("encoding", "name"), [(key, name) for key, names in FOREIGN.items() for name in names])
def test_another_encoding_is_never_taken_for_gb18030(encoding, name):
    refused = refusal(file(name, encoding=encoding))
    assert refused.code in ("encoding_unknown", "encoding_broken")
    assert "CSV UTF-8" in refused.zh


@pytest.mark.parametrize("cut", [1, 2])
@pytest.mark.parametrize("begin", [b"", b"\xef\xbb\xbf"], ids=["plain", "byte order mark"])
def test_a_cut_character_is_refused_with_its_row_and_byte(cut, begin):
    start = begin + file("重庆两江新区") + b"91510100MA6TE5T226,"
    content = start + "四川成渝双城经济圈".encode()[:-cut] + b",enterprise,510100\n"
    refused = refusal(content)
    assert refused.code == "encoding_broken"
    at = len(start) + 3 * 8
    assert f"byte {at + 1} of the file" in refused.en
    assert "row 3" in refused.en
    assert "第 3 行" in refused.zh


def test_a_stray_byte_in_a_long_file_is_found_across_slices():
    good = file(*NAMES * 20_000)
    refused = refusal(good + b"\xff" + good)
    assert f"byte {len(good) + 1} of the file" in refused.en
    assert f"row {good.count(10) + 1} " in refused.en


def test_a_file_that_ends_within_a_character_is_refused():
    assert refusal(file(*NAMES)[:-1] + "川".encode()[:2]).code == "encoding_broken"


@pytest.mark.parametrize("other", ["utf-8", "big5"])
def test_a_row_in_another_encoding_is_named(other):
    odd = "澳門金沙有限公司" if other == "big5" else "四川成渝有限公司"
    refused = refusal(file(*NAMES * 50, encoding="gb18030") + f"9151,{odd},enterprise,1\n".encode(other))
    assert (refused.code, "Row 202 " in refused.en) == ("encoding_mixed", True)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_wide_encodings_are_refused_by_name_or_by_their_zeros(encoding):
    assert refusal(file(*NAMES, encoding=encoding)).code == "encoding_unknown"


def test_one_character_that_may_be_anything_is_not_guessed():
    assert refusal(HEAD.encode() + b"9151,\xe7\x94,enterprise,1\n").code == "encoding_unknown"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_nul_is_found_wherever_it_stands(encoding):
    content = "统一社会信用代码,中文名称\n".encode(encoding) * (2 * SLICE // 20)
    assert refusal(content + b"a\0b\n").code == "encoding_unknown"
