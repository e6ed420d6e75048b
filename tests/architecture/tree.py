"""The project's own source, for tests that read it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
CODE = ("events", "shared", "services", "deploy")
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def modules(*folders: str) -> tuple[Path, ...]:
    """Python files below these folders of the project."""
    return tuple(sorted(path for folder in folders or CODE for path in (ROOT / folder).rglob("*.py")))


def name_of(path: Path) -> str:
    """As it is called from the project's root."""
    return str(path.relative_to(ROOT))


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def functions(*folders: str) -> Iterator[tuple[str, Function]]:
    """Every function with a name that finds it."""
    for path in modules(*folders):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, Function):
                yield f"{name_of(path)}:{node.lineno} {node.name}", node
