"""What people read is in one language at a time: no English words in Chinese, no Chinese in English, no bare codes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.tree import modules, name_of, tree_of

HAN = re.compile(r"[\u3400-\u9fff]")
WORD = re.compile(r"[A-Za-z][A-Za-z-]*")
BETWEEN = re.compile(r" ?/ (?=[A-Za-z'(`{])")
NAMES = frozenset((
    "API", "JSON", "XLSX", "CSV", "PDF", "XML", "UTF-", "ASCII", "NUL", "UUID", "SHA-", "GB", "Big", "MB", "https",
    "http", "URL", "Host", "CIDR", "RSA", "Ed", "P-", "JWK", "ETag", "TRUE", "FALSE", "If-Match", "Idempotency-Key",
    "Content-Type", "Content-Length", "Authorization", "Bearer", "chunked", "Kafka", "PostgreSQL", "Java", "Python",
    "Apache", "Xietong", "Excel", "Cookie", "T", "N", "A", "O", "I", "Z", "S", "V", "Y", "true", "false", "null",
    "Ctrl-C", "Debian", "Ubuntu", "CREATEROLE", "CloudEvents", "AsyncAPI", "OpenAPI", "XIETONG", "GeoReport",
))  # fmt: skip
"""Words that are names, and the same in both languages."""
CODE = re.compile(
    r"`[^`]*`|\{[^{}]*\}|\[/?[a-z]+\]"  # code, a value, a colour
    r"|ISSUER|[A-Z]+(?:_[A-Z]+)+(?:=\S*)?|--[a-z-]+|\bxietong(?:_[a-z]+|(?: [a-z]+)+)|\bmake [a-z]+"
    r"|\b(?:pip|apt|uv) [a-z0-9.' \[\]-]+|\.(?:xlsx|xls)\b|\bkafka\.lock\b"  # what is typed or opened
    r"|https?://[\w.:\[\]…]+|/(?:v1|docs)[\w/…-]*|[a-z.]+@[a-z]+|\bexample\.gov\.cn|\bapplication/[a-z]+"
    r"|\b(?:SICHUAN|DB\d|GB/T|ISO|PARK)[\w/.-]*(?: [\d.-]+)?|\b[A-Z]\d[\w.]*|GB18030|Big5|P-256|Ed25519"
    r"|(?<![a-z])(?:class|sector|park):[\w\u3400-\u9fff]*"  # examples of what is written in a field
)
BARE = re.compile(r"(?:^|[._])(?:state|action|status|verdict|outcome|scope|kind|why)$")
"""Values that are codes: a sentence says their names."""
NO_MESSAGES = {
    "services/standards/commands/paper.py": "a certificate's paper stands in both languages",
    "services/organisations/queries/import_files.py": "so do the instructions in a template",
    "services/organisations/domain/rows.py": "and what is typed into one: 是, 否, 长期",
    "deploy/documents.py": "and the documents' titles",
    "shared/http/descriptions/describing.py": "the API's document names scopes as they are asked for",
    "deploy/command_line/operating.py": "who verifies a journal reads the kinds that stand in it",
    "deploy/demo/measuring.py": "and the heads of the demonstration's tables",
}
PATTERN = re.compile(r"\[0-9\]|\\d")
"""Marks of a regular expression."""


def literals(tree: ast.AST) -> Iterator[tuple[int, str, list[str]]]:
    """Line, text and inserted values of every string but docstrings; pieces that are added are one."""
    inner: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            inner.add(id(node.value))
        if isinstance(node, ast.JoinedStr | ast.BinOp):
            inner |= {id(part) for part in ast.walk(node) if part is not node and not isinstance(part, ast.Call)}
    for node in ast.walk(tree):
        if id(node) in inner:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value, []
        elif isinstance(node, ast.JoinedStr | ast.BinOp):
            text, values = _joined(node)
            yield node.lineno, text, values


def _joined(node: ast.AST) -> tuple[str, list[str]]:
    if isinstance(node, ast.Constant):
        return (node.value if isinstance(node.value, str) else ""), []
    if isinstance(node, ast.FormattedValue):
        return "{value}", [ast.unparse(node.value)]
    parts = (
        node.values
        if isinstance(node, ast.JoinedStr)
        else [node.left, node.right]
        if isinstance(node, ast.BinOp)
        else []
    )
    found = [_joined(part) for part in parts]
    return "".join(text for text, _ in found), [value for _, values in found for value in values]


def faults_of(text: str, values: list[str]) -> list[str]:
    """What one literal holds of the other language."""
    zh, *en = BETWEEN.split(text, maxsplit=1)
    if not HAN.search(zh):
        zh, en = "", [text]
    found = [word for word in WORD.findall(CODE.sub(" ", zh)) if word.rstrip("-") not in NAMES and word not in NAMES]
    found += HAN.findall("".join(en))
    return found + [value for value in values if BARE.search(value)]


FILES = [path for path in modules() if name_of(path) not in NO_MESSAGES]


@pytest.mark.parametrize("path", FILES, ids=map(name_of, FILES))
def test_a_message_is_in_one_language(path: Path) -> None:
    found = [
        (line, text, faults)
        for line, text, values in literals(tree_of(path))
        if HAN.search(text) and not PATTERN.search(text) and (faults := faults_of(text, values))
    ]
    assert found == []
