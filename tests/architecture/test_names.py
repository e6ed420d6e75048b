"""Names say what a thing is; words that fit everything are not used."""

from __future__ import annotations

import ast
import re

from tests.architecture.tree import CODE, ROOT, modules, name_of, tree_of

EMPTY_WORDS = {"manager", "helper", "util", "processor", "data", "info", "base", "impl"}
EMPTY_WORDS |= {f"{word}s" for word in EMPTY_WORDS}


def _words(name: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)}


def test_no_module_is_called_by_an_empty_word() -> None:
    assert [name_of(path) for path in modules(*CODE, "tests") if _words(path.stem) & EMPTY_WORDS] == []


def test_no_class_is_called_by_an_empty_word() -> None:
    found = [
        f"{name_of(path)} {node.name}"
        for path in modules(*CODE, "tests")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ClassDef) and _words(node.name) & EMPTY_WORDS
    ]
    assert found == []


def test_no_file_names_the_machine_it_was_written_on() -> None:
    place = re.compile(r"(?<![\w./])/(?:work|root)/")
    kinds = (".py", ".md", ".toml", ".yaml", ".yml", ".json", ".sh", ".conf")
    folders = [ROOT / folder for folder in (*CODE, "tests", "docs", "data", "benchmarks")]
    files = [path for folder in folders for path in folder.rglob("*") if path.suffix in kinds]
    files += [path for path in ROOT.glob("*") if path.suffix in kinds]
    assert [name_of(path) for path in files if place.search(path.read_text("utf-8"))] == []
