"""What ends the demonstration with exit code 1: something that should hold did not."""

from __future__ import annotations


class NotHeldError(Exception):
    """Its text says in both languages what did not hold."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")


def hold(condition: object, zh: str, *, en: str) -> None:
    """Raise `NotHeldError` unless the condition is true."""
    if not condition:
        raise NotHeldError(zh, en)
