"""Sizes hold: the tail stays short."""

from __future__ import annotations

from tests.architecture.tree import Function, functions, modules, name_of


def _lines(node: Function) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_no_function_is_longer_than_40_lines() -> None:
    assert [name for name, node in functions() if _lines(node) > 40] == []


def test_no_file_is_longer_than_300_lines_and_no_test_longer_than_400() -> None:
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in modules()}
    tests = {path: len(path.read_text("utf-8").splitlines()) for path in modules("tests")}
    assert [name_of(path) for path, length in lengths.items() if length > 300] == []
    assert [name_of(path) for path, length in tests.items() if length > 400] == []


def test_conftest_stays_under_150_lines() -> None:
    assert [
        name_of(path)
        for path in modules("tests")
        if path.name == "conftest.py" and len(path.read_text("utf-8").splitlines()) >= 150
    ] == []


def _positional(node: Function) -> list[str]:
    names = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)]
    return names[1:] if names[:1] in (["self"], ["cls"]) else names


def test_functions_take_at_most_5_parameters() -> None:
    assert [name for name, node in functions() if len(_positional(node)) + len(node.args.kwonlyargs) > 5] == []


def test_parameters_are_keyword_only_after_two() -> None:
    # A decorated function is called by what decorates it: Flask, click, SQLAlchemy, the machine's timers and routes.
    free = [(name, node) for name, node in functions() if not node.decorator_list or _is_method(node)]
    assert [name for name, node in free if len(_positional(node)) > 2] == []


def _is_method(node: Function) -> bool:
    return bool(node.args.args) and node.args.args[0].arg in ("self", "cls")
