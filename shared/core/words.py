"""The words people read for what the API names, in Chinese and English: each service's stand in its `words.yaml`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

SHARED = "shared"
BETWEEN = " / "


@dataclass(frozen=True)
class Pair:
    """The same in both languages."""

    zh: str
    en: str

    @classmethod
    def read(cls, text: str) -> Pair:
        """From `中文 / English`; raises ValueError where one of them is missing."""
        zh, between, en = text.partition(BETWEEN)
        if not (between and zh.strip() and en.strip()):
            raise ValueError(f"not 'Chinese / English': {text}")
        return cls(zh.strip(), en.strip())

    def __str__(self) -> str:
        return f"{self.zh}{BETWEEN}{self.en}"

    def by_language(self) -> dict[str, str]:
        """As machines read it."""
        return {"zh": self.zh, "en": self.en}

    def paragraphs(self) -> str:
        """As a description, one language after the other."""
        return f"{self.zh}\n\n{self.en}"


@dataclass(frozen=True)
class Word:
    """What a property or a parameter is called, a hint for whoever fills it in, and examples where no type says one."""

    title: Pair
    text: Pair
    examples: tuple[Any, ...] = ()


Labels = Mapping[str, Pair]


@dataclass(frozen=True)
class Words:
    """The words of one package; what was asked for is remembered, so that what is for nothing is found."""

    package: str
    said: Mapping[str, Mapping[str, Any]]
    asked: set[tuple[str, str]] = field(default_factory=set)

    def word(self, part: str, *names: str) -> Word | None:
        """What is said in `properties` or `parameters` under the first of these names."""
        for name in names:
            if (given := self._of(part, name)) is not None:
                examples = (given["example"],) if "example" in given else ()
                return Word(Pair.read(given["title"]), Pair.read(given["text"]), examples)
        return None

    def pair(self, part: str, name: str) -> Pair | None:
        """What is said in `operations`, `scopes` or `actions` under this name."""
        given = self._of(part, name)
        return None if given is None else Pair.read(given)

    def enumeration(self, values: frozenset[str]) -> tuple[str, Word, Labels] | None:
        """Name, word and labels of the enumeration that has exactly these values."""
        for name, given in self.said.get("enumerations", {}).items():
            if given["values"].keys() == values:
                self.asked.add(("enumerations", name))
                labels = {value: Pair.read(text) for value, text in given["values"].items()}
                return name, Word(Pair.read(given["title"]), Pair.read(given["text"])), labels
        return None

    def names(self, values: frozenset[str]) -> Labels:
        """What the smallest enumeration that has all of these values calls them; nothing where there is none."""
        fitting = [given["values"] for given in self.said.get("enumerations", {}).values()]
        best: Mapping[str, str] = min((said for said in fitting if values <= said.keys()), key=len, default={})
        return {value: Pair.read(text) for value, text in best.items()}

    def sample(self, *names: str) -> Mapping[str, Any]:
        """How the example of a schema differs from its properties' own: `without` some, `with` other values."""
        found = [self._of("samples", name) for name in names]
        return next((given for given in found if given is not None), {})

    def labels(self, part: str) -> Labels:
        """All that is said in this part, such as `actions`."""
        said = self.said.get(part, {})
        self.asked.update((part, name) for name in said)
        return {name: Pair.read(text) for name, text in said.items()}

    def unasked(self) -> Iterator[str]:
        """What is said of nothing that was asked for."""
        for part, given in self.said.items():
            yield from (f"{self.package}: {part}.{name}" for name in given if (part, name) not in self.asked)

    def _of(self, part: str, name: str) -> Any:
        given = self.said.get(part, {}).get(name)
        if given is not None:
            self.asked.add((part, name))
        return given


@cache
def words_of(package: str) -> Words:
    """The words of `shared` or of `services.parks`; those of a package without any are none."""
    path = files(package) / "words.yaml"
    return Words(package, yaml.safe_load(path.read_text("utf-8")) if path.is_file() else {})
