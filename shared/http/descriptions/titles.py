"""What people call the parts of a request, for the sentences that tell them what is wrong with it."""

from __future__ import annotations

from flask import has_request_context, request

from shared.core.words import SHARED, Pair, words_of

MACHINE = "machine"


def package_asked() -> str:
    """The package whose route was asked for; its words say what its properties and rights are called."""
    service = (request.endpoint or "").partition(".")[0] if has_request_context() else ""
    return f"services.{service}" if service and service != MACHINE and "." in (request.endpoint or "") else SHARED


def called(pointer: str, package: str) -> Pair:
    """What a JSON pointer leads to: each property by its title, each item by its number, all else as it was written."""
    parts = []
    for part in filter(None, pointer.split("/")[1:]):
        found = (words_of(name).word("properties", part) for name in (package, SHARED))
        word = next((word for word in found if word is not None), None)
        if part.isdecimal():
            parts.append(Pair(f"第 {int(part) + 1} 项", f"item {int(part) + 1}"))
        else:
            parts.append(Pair(f"“{part}”", f"'{part}'") if word is None else word.title)
    if not parts:
        return Pair("请求内容", "the body")
    return Pair("的".join(part.zh for part in parts), ": ".join(part.en for part in parts))


def scope_named(scope: str, package: str) -> Pair:
    """What a scope lets its holder do."""
    found = (words_of(name).pair("scopes", scope) for name in (package, SHARED))
    return next((pair for pair in found if pair is not None), Pair(scope, scope))
