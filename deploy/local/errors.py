"""The one error of the embedded stack: what is wrong and what to do now, in both languages."""

from __future__ import annotations

from pathlib import Path


class StackError(Exception):
    """Stops a start; its text is all that a person sees, so it always says what to do."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh}\n{en}")
        self.zh = zh
        self.en = en


class PortTakenError(StackError):
    """Somebody else took a port between our look and the server's; the stack chooses another one and tries again."""


def ended_early(name: str, log: Path) -> StackError:
    """A server that ended instead of answering; its own last words decide what to say."""
    words = tail(log)
    kind = PortTakenError if "Address already in use" in words or "in use" in words else StackError
    return kind(
        f"{name} 没有启动。请看日志 {log},改正后再启动。其最后几行:\n{words}",
        f"{name} did not start. Read its log {log}, mend what it names and start again. Its last lines stand above.",
    )


def tail(log: Path, lines: int = 8) -> str:
    text = log.read_text("utf-8", "replace") if log.exists() else ""
    return "\n".join(text.splitlines()[-lines:])
