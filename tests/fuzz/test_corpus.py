"""Inputs that were tried, or that once broke something, go through every parser of foreign bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS

CORPUS = Path(__file__).parent / "corpus"
KEPT = sorted(path for path in CORPUS.glob("*/*") if path.is_file())


def test_there_is_a_corpus_for_every_parser() -> None:
    assert {path.parent.name for path in KEPT} == set(TARGETS)


@pytest.mark.parametrize("path", KEPT, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_what_was_tried_once_breaks_no_parser(path: Path) -> None:
    given = path.read_bytes()
    for parse in TARGETS.values():
        parse(given)
