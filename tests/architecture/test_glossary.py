"""Every concept of the machine is explained in one line."""

from __future__ import annotations

import ast
import re

from tests.architecture.tree import ROOT, modules, name_of, tree_of

MOST_CONCEPTS = 50
EXPLAINED_TOGETHER = re.compile(r"Error$|View$|Schema$|Draft$|Filter$")
"""Errors are one concept, and what the API's document shows is another."""
ROOMS_EXPLAINED_TOGETHER = ("shared/http/fields/", "shared/tables/")


def _rows() -> list[list[str]]:
    lines = (ROOT / "docs/glossary.md").read_text("utf-8").splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")][2:]


def test_every_exported_class_of_the_machine_stands_in_the_glossary() -> None:
    named = {name for row in _rows() for name in re.findall(r"`(\w+)`", row[2])}
    exported = {
        node.name: name_of(path)
        for path in modules("shared")
        for node in tree_of(path).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    }
    alone = {name for name, path in exported.items() if not EXPLAINED_TOGETHER.search(name)
             and not path.startswith(ROOMS_EXPLAINED_TOGETHER)}  # fmt: skip
    assert sorted(alone - named) == [], "explain it in docs/glossary.md, or make it private"
    assert sorted(named - exported.keys()) == [], "nothing is called so any more"


def test_there_are_few_concepts_each_with_a_home_that_is_there() -> None:
    rows = _rows()
    assert len(rows) <= MOST_CONCEPTS
    assert [row[3] for row in rows if not (ROOT / row[3].strip("`")).exists()] == []
