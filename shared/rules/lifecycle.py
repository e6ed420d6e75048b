"""Lifecycles as tables: one table gives the 409, the allowed actions, the CHECK constraint and the diagram."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from shared.core.errors import ConflictError
from shared.core.words import Pair, words_of


@dataclass(frozen=True)
class Step:
    """`action` leads from any of `sources` to `target`."""

    action: str
    sources: tuple[str, ...]
    target: str


class Stateful(Protocol):
    """Anything that has a state."""

    state: str


@dataclass(frozen=True)
class Lifecycle:
    """A named table of steps; `initial` is the state a new thing has, `words` the package that says their names."""

    name: str
    initial: str
    steps: tuple[Step, ...]
    words: str

    @property
    def states(self) -> tuple[str, ...]:
        """Every state once, in order of appearance."""
        seen = [self.initial]
        for step in self.steps:
            seen += [*step.sources, step.target]
        return tuple(dict.fromkeys(seen))

    def actions(self, state: str) -> tuple[str, ...]:
        """The actions that can be taken from `state`."""
        return tuple(dict.fromkeys(step.action for step in self.steps if state in step.sources))

    def target(self, state: str, action: str) -> str:
        """Where `action` leads from `state`; raises `ConflictError` when it leads nowhere."""
        for step in self.steps:
            if step.action == action and state in step.sources:
                return step.target
        raise self._not_allowed(state, action)

    def _not_allowed(self, state: str, action: str) -> ConflictError:
        """What steps that people do not take themselves are called, nobody says: they are left out."""
        now, asked = self.state_named(state), self.action_named(action)
        this = Pair("此操作", "this") if asked is None else Pair(f"“{asked.zh}”", f"'{asked.en}'")
        named = [name for name in map(self.action_named, self.actions(state)) if name is not None]
        zh = "、".join(name.zh for name in named) or "无"
        en = ", ".join(name.en for name in named) or "nothing"
        return ConflictError(
            "action_not_allowed",
            f"当前状态为“{now.zh}”,不能执行{this.zh}。此状态下的操作:{zh}。请刷新后再试。",
            f"While this is '{now.en}', {this.en} is not possible. What can be done then: {en}. Reload and try again.",
        )

    def state_named(self, state: str) -> Pair:
        """A state as people call it."""
        return words_of(self.words).names(frozenset(self.states)).get(state, Pair(state, state))

    def action_named(self, action: str) -> Pair | None:
        """An action as people call it; None for what they do not do themselves."""
        return words_of(self.words).labels("actions").get(action.replace("-", "_"))

    def leads(self, before: str, after: str) -> bool:
        """Whether one step, or none, leads from one state to another."""
        return before == after or any(before in step.sources and step.target == after for step in self.steps)

    def move(self, thing: Stateful, action: str) -> None:
        """Take `action`; raises `ConflictError` when the state does not allow it."""
        thing.state = self.target(thing.state, action)

    def check_sql(self, column: str = "state") -> str:
        """The body of a CHECK constraint that admits these states and no other."""
        return f"{column} IN ({', '.join(repr(state) for state in self.states)})"

    def mermaid(self) -> str:
        """A Mermaid state diagram (https://mermaid.js.org/syntax/stateDiagram.html)."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.initial}"]
        lines += [f"    {source} --> {step.target}: {step.action}" for step in self.steps for source in step.sources]
        return "\n".join(lines)
