"""A rule is read in one piece: fewer than half of the private functions have a single caller.

Private functions are those of a module and the methods of a class whose name begins with one underscore, but for
migrations. A caller is a place in the module (for a method: in its class) that names the function, be it called there
or handed on as a value: to a table, a decorator, `partial` or `sorted`. A function that names itself is no caller of
its own. What nothing there names is called from elsewhere, by a framework, by a decorator that registers it, or by the
class whose method it replaces: it counts as one of the private functions, and as none with a single caller.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path
from typing import Any

from tests.architecture.tree import Function, modules, name_of, tree_of

WORST = 10


def _is_private(node: ast.stmt) -> bool:
    return isinstance(node, Function) and node.name.startswith("_") and not node.name.startswith("__")


def callers(module: ast.Module) -> list[tuple[str, int]]:
    """Each private function of a module with its number of callers."""
    named: dict[str, list[int]] = defaultdict(list)
    scopes: list[ast.Module | ast.ClassDef] = [module]
    for node in ast.walk(module):
        if isinstance(node, ast.Name):
            named[node.id].append(node.lineno)
        elif isinstance(node, ast.Attribute):
            named[f".{node.attr}"].append(node.lineno)
        elif isinstance(node, ast.ClassDef):
            scopes.append(node)
    found = []
    for scope in scopes:
        for node in filter(_is_private, scope.body):
            lines = list(named[node.name])
            if isinstance(scope, ast.ClassDef):
                lines = [line for line in (*lines, *named[f".{node.name}"]) if _is_in(scope, line)]
            found.append((node.name, sum(1 for line in lines if not _is_in(node, line))))
    return found


def _is_in(node: Any, line: int) -> bool:
    return node.lineno <= line <= node.end_lineno


def _counted() -> dict[Path, list[tuple[str, int]]]:
    return {path: callers(tree_of(path)) for path in modules() if "migrations" not in path.parts}


def test_fewer_than_half_of_the_private_functions_have_a_single_caller() -> None:
    counted = _counted()
    single = {path: [name for name, number in found if number == 1] for path, found in counted.items()}
    worst = sorted(single, key=lambda path: len(single[path]), reverse=True)[:WORST]
    share = sum(map(len, single.values())) / sum(map(len, counted.values()))
    said = [f"{name_of(path)}: {', '.join(single[path])}" for path in worst]
    assert share < 0.5, "\n".join((f"{share:.1%} have one; write what is read once where it is read, as in", *said))


def test_a_call_a_value_and_a_name_in_a_class_are_callers_and_the_function_itself_is_none() -> None:
    source = """
def _once(): return _once
def _twice(): return sorted([], key=_once), _twice
TABLE = {1: _twice, 2: _twice}
class Thing:
    def _own(self): return self._own()
    def _hook(self): return self._own
_own = None
"""
    assert dict(callers(ast.parse(source))) == {"_once": 1, "_twice": 2, "_own": 1, "_hook": 0}
