"""What is kept of a text is what is seen of it, and a search compares what is kept with what is asked, folded alike."""

# ruff: noqa: RUF001 - characters that look like others are what is tested here

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, literal, select

from shared.text.folding import UnseenError, is_blank, kept
from shared.text.searching import folded, simplified, spaced, terms_of

REORDERING = [chr(point) for point in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))]
HIDDEN = [*REORDERING, "\u115f", "\u1160", "\u3164", "\uffa0", "\u2800", "\ufffd", "\ufffc", "\ufff9", "\x00", "\x1b",
          "\x7f", "\x9b", "\ue000", "\ue5e5", "\U000f0000", "\uffff", "\U0001fffe", "\ud800", "\udfff", "\U000e0001",
          "\U000e0041", "\u206a", "\U0001d173", "\u0378"]  # fmt: skip
UNSEEN = ["\u200b", "\u200c", "\u200d", "\u200e", "\u200f", "\u2060", "\ufeff", "\u00ad", "\u034f", "\u061c", "\ufe0f",
          "\U000e0100", "\u180e", "\u2063"]  # fmt: skip


@pytest.mark.parametrize("character", HIDDEN, ids=lambda one: f"U+{ord(one):04X}")
def test_what_reorders_or_pretends_is_refused_by_name_and_place(character):
    with pytest.raises(UnseenError) as refusal:
        kept(f" 成都{character}厂")
    assert (refusal.value.point, refusal.value.place) == (f"U+{ord(character):04X}", 4)


@pytest.mark.parametrize("character", UNSEEN, ids=lambda one: f"U+{ord(one):04X}")
def test_what_is_not_seen_is_not_kept(character):
    assert kept(f"成{character}都") == "成都"
    assert is_blank(kept(character * 3))


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        ("cafe\u0301", "café"), ("成都\u3000\u00a0 厂 ", "成都 厂"), ("ｶﾞ", "ｶﾞ"), ("か\u3099", "が"),
        # A score of compatibility ideographs are GBK's own; composed (NFC) they would be other characters.
        ("裏\uf9e7\ufa0c", "裏\uf9e7\ufa0c"),
        # Persian and Mongolian need their joiners, Unicode 15.1 has ideographs that this Python does not know.
        ("می\u200cشود", "می\u200cشود"), ("ᠠ\u180b", "ᠠ\u180b"), ("\U00031350\U0002ebf0", "\U00031350\U0002ebf0"),
        ("👩\u200d🔧", "👩\u200d🔧"), ("❤\ufe0f", "❤"), ("\U0001faf0", "\U0001faf0"), ("ཀྲ", "ཀྲ"),
    ],
)  # fmt: skip
def test_what_is_seen_is_kept(given, seen):
    assert kept(given) == seen
    assert not is_blank(seen)


@given(st.text())
def test_folding_twice_is_folding_once(text):
    for lines in (False, True):
        try:
            once = kept(text, lines=lines)
        except UnseenError:
            continue
        assert kept(once, lines=lines) == once == once.strip()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("（高竹）新材料", "(高竹) 新材料"), ("ＡＢＢ系统", "abb系统"), ("臺灣電子線綫", "台湾电子线线"),
        ("茅台·酒", "茅台・酒"), ("DB51/T 1234—2026", "db51／t 1234-2026"), ("專精特新「小巨人」", "专精特新小巨人"),
        ("Ⅳ期", "IV期"), ("裏\uf9e7", "里里"), ("ΟΔΟΣ", "οδος"), ("著名", "着名"),
    ],
)  # fmt: skip
def test_what_looks_alike_is_found_alike(one, other):
    assert folded(one) == folded(other) != ""


def test_names_that_differ_stay_apart():
    assert spaced("食品1.2") != spaced("食品12")
    assert folded("甲乙") != folded("乙甲")


def test_words_are_asked_for_in_any_order_and_there_are_not_too_many():
    assert terms_of("系统，ＡＢＢ　臺 ABB、 '") == ["系统", "abb", "台"]
    assert terms_of("  ·（） ") == []
    assert len(terms_of(" ".join("abcdefghij"))) == 6


def test_no_simplified_character_is_itself_folded_further():
    table = simplified()
    assert len(table) > 3000
    assert not set(table.values()) & set(table)


@pytest.mark.timeout(120)
def test_the_database_folds_every_character_as_python_does(cell):
    # The newer of both knows characters that the other does not: those have no letters to fold, or are kept by both.
    points = [p for p in range(1, sys.maxunicode + 1) if unicodedata.category(chr(p)) not in ("Cs", "Cn", "Co")]
    texts = ["".join(map(chr, points[at : at + 50])) for at in range(0, len(points), 50)]
    with cell.database.cell_session() as session:
        told = {text: session.scalar(select(func.shared.folded(literal(text)))) for text in texts}
    assert {text: folded(text) for text in texts} == told
