"""Says in words what the API document lists: titles, hints, labels and examples, in Chinese and English."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from marshmallow import Schema

from shared.core.words import SHARED, Labels, Pair, Word, Words, words_of
from shared.http.descriptions.examples import BY_FORMAT, REFERENCE, example_of, whole
from shared.http.resources import ACTIONS, Route

MACHINE = "machine"
SORT = "sort"
Shape = dict[str, Any]


def package_of(kind: type[Schema]) -> str:
    """The package whose words a schema is described with: its service's, else the machine's own."""
    parts = kind.__module__.split(".")
    return ".".join(parts[:2]) if parts[0] == "services" else SHARED


def package_of_service(service: str) -> str:
    """The same for the routes of a service."""
    return SHARED if service == MACHINE else f"services.{service}"


@dataclass
class Describing:
    """Puts words into a document and keeps `missing`: what there are none for, by name."""

    schemas: dict[str, Shape] = field(default_factory=dict)
    kinds: Mapping[str, type[Schema]] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    def describe_schemas(self) -> None:
        """Each property of each component."""
        for name, shape in list(self.schemas.items()):
            # Lists and bulk bodies are made here, of no schema class.
            kind = self.kinds.get(name, Schema)
            for key, property_shape in shape.get("properties", {}).items():
                word = self.property_word(kind, key)
                if property_shape.get("default", ...) is None:
                    del property_shape["default"]
                shape["properties"][key] = self.described(
                    property_shape, word, package=package_of(kind), place=f"{name}.{key}"
                )

    def describe_operation(self, operation: Shape, service: str, *, route: Route) -> None:
        """Summary, what happens and who may do it, and every parameter."""
        package = package_of_service(service)
        generic = "*_" + route.name.rpartition("_")[2]
        happens = next(
            (
                found
                for words in _sources(package)
                for name in (route.name, generic)
                if (found := words.pair("operations", name)) is not None
            ),
            None,
        )
        if happens is None:
            self.missing.append(f"{route.name}: no words")
        rights = (words.pair("scopes", route.scope) for words in _sources(package))
        right = next((pair for pair in rights if pair is not None), None)
        if right is None and route.scope:
            self.missing.append(f"{route.scope}: no words")
        said = happens or Pair("", "")
        if right is None:
            text = Pair(f"{said.zh}无需令牌,每分钟次数有限。", f"{said.en} Needs no token; few per minute.")
        else:
            zh = f"{said.zh}需要权限 `{route.scope}`({right.zh})。"
            text = Pair(zh, f"{said.en} Needs the scope `{route.scope}` ({right.en}).")
        summary = Pair.read(route.summary)
        operation["summary"], operation["x-summary"] = str(summary), summary.by_language()
        operation["x-happens"] = said.by_language()
        operation["description"], operation["x-description"] = text.paragraphs(), text.by_language()
        for parameter in operation["parameters"]:
            self._describe_parameter(parameter, package, route=route)

    def _describe_parameter(self, parameter: Shape, package: str, *, route: Route) -> None:
        name = parameter["name"]
        if parameter["in"] == "query" and route.query is not None:
            word = self.property_word(route.query, name)
        else:
            word = self.word(package, "parameters", f"{_segment_before(route.rule, name)}/{name}", name)
        place = f"{route.name}?{name}"
        # What an address can hold: no null, which could only be left out.
        schema = parameter["schema"]
        given = {key: value for key, value in schema.items() if key != "default" or value is not None}
        if isinstance(schema.get("type"), list):
            given["type"] = next(kind for kind in schema["type"] if kind != "null")
        if "enum" in schema:
            given["enum"] = [value for value in schema["enum"] if value is not None]
        if name == SORT and route.shown is not None:
            given = self._sorted_by(given, package, route=route)
        shape = self.described(given, word, package=package, place=place)
        parameter["schema"] = shape
        if "description" in shape:
            parameter["description"] = shape.pop("description")
            parameter |= {key: shape.pop(key) for key in ("x-title", "x-description")}
        self._check_example(shape, place)

    def _sorted_by(self, shape: Shape, package: str, *, route: Route) -> Shape:
        """The orders of a list as a component, each called by the property that it goes by."""
        labels = {}
        for value in shape["enum"]:
            word = self.property_word(route.shown.view, value.removeprefix("-")) if route.shown else None
            if word is None:
                self.missing.append(f"{route.name}?{SORT}={value}: no words")
            else:
                way = Pair("降序", "descending") if value.startswith("-") else Pair("升序", "ascending")
                labels[value] = Pair(f"{word.title.zh}({way.zh})", f"{word.title.en}, {way.en}")
        service = "" if package == SHARED else package.removeprefix("services.") + "."
        name = f"{service}{route.name.title().replace('_', '')}{SORT.title()}"
        order = Word(Pair("排序方式", "Order"), Pair("列表的排序方式。", "How the list is ordered."))
        self.schemas[name] = _enumeration(order, labels)
        return {"$ref": REFERENCE + name}

    def property_word(self, kind: type[Schema], key: str) -> Word | None:
        """What the nearest of these says: the schema or one it is made of, its service, the machine."""
        names = [f"{_name(cls)}.{key}" for cls in kind.__mro__ if issubclass(cls, Schema)]
        return self.word(package_of(kind), "properties", *names, key)

    def word(self, package: str, part: str, *names: str) -> Word | None:
        """The words of the package, else those of the machine."""
        for words in _sources(package):
            if (found := words.word(part, *names)) is not None:
                return found
        return None

    def described(self, shape: Shape, word: Word | None, *, package: str, place: str) -> Shape:
        """The shape with title, hint and example; an enumeration becomes a component with labels."""
        named = self._by_name(self._enumerated(shape, package=package, place=place), word, place=place)
        if place.endswith(f".{ACTIONS}"):
            labels = words_of(package).labels("actions")
            said_labels = {action: label.by_language() for action, label in labels.items()}
            named = {**named, "items": {**named["items"], "x-enum-labels": said_labels}}
        if word is None:
            self.missing.append(f"{place}: no words")
            return named
        said = {
            "title": str(word.title),
            "description": word.text.paragraphs(),
            "x-title": word.title.by_language(),
            "x-description": word.text.by_language(),
        }
        return {**named, **said} if "$ref" in named or "anyOf" in named else {**named, **said, **_example(named, word)}

    def _by_name(self, shape: Shape, word: Word | None, *, place: str) -> Shape:
        """A mapping becomes a component: else generators call it by its title, which is in two languages."""
        kind = shape.get("type", ())
        if "object" not in kind:
            return shape
        name, _, key = place.rpartition(".")
        component = name.removesuffix("View") + "".join(part.title() for part in key.split("_"))
        self.schemas[component] = {**shape, "type": "object", **(_example({}, word) if word else {})}
        reference = {"$ref": REFERENCE + component}
        return reference if kind == "object" else {"anyOf": [reference, {"type": "null"}]}

    def _enumerated(self, shape: Shape, *, package: str, place: str) -> Shape:
        if shape.get("type") == "array":
            return {**shape, "items": self._enumerated(shape["items"], package=package, place=place)}
        if isinstance(values := shape.get("additionalProperties"), dict):
            return {**shape, "additionalProperties": self._enumerated(values, package=package, place=place)}
        if "enum" not in shape:
            return shape
        values = [value for value in shape["enum"] if value is not None]
        reference = {"$ref": REFERENCE + self._enumeration(values, package=package, place=place)}
        rest = {key: value for key, value in shape.items() if key not in ("enum", "type")}
        if len(values) < len(shape["enum"]) or "null" in shape.get("type", ()):
            return {**rest, "anyOf": [reference, {"type": "null"}]}
        return {**rest, **reference}

    def _enumeration(self, values: list[str], *, package: str, place: str) -> str:
        for words in _sources(package):
            if (found := words.enumeration(frozenset(values))) is not None:
                name, word, labels = found
                service = words.package.removeprefix("services.")
                component = name if words.package == SHARED else f"{service}.{name}"
                self.schemas[component] = _enumeration(word, labels)
                return component
        self.missing.append(f"{place}: no enumeration of {sorted(values)}")
        component = place.replace("[]", "")
        self.schemas[component] = {"type": "string", "enum": values}
        return component

    def add_examples(self) -> None:
        """A whole example of each component; what has none for a part is told."""
        samples = {}
        for name, kind in self.kinds.items():
            names = [_name(cls) for cls in kind.__mro__ if issubclass(cls, Schema)]
            given = [words.sample(*names) for words in _sources(package_of(kind))]
            samples[name] = next((sample for sample in given if sample), {})
        for name, shape in self.schemas.items():
            if "enum" in shape:
                continue
            for key, property_shape in shape.get("properties", {}).items():
                self._check_example(property_shape, f"{name}.{key}")
        if not self.missing:
            made = {
                name: whole(shape, name=name, schemas=self.schemas, samples=samples)
                for name, shape in self.schemas.items()
            }
            for name, example in made.items():
                self.schemas[name]["examples"] = [example]

    def _check_example(self, shape: Shape, place: str) -> None:
        try:
            example_of(shape, schemas=self.schemas, samples={})
        except LookupError:
            self.missing.append(f"{place}: no example")


def _sources(package: str) -> Iterator[Words]:
    yield words_of(package)
    if package != SHARED:
        yield words_of(SHARED)


def _name(kind: type) -> str:
    return kind.__name__.removesuffix("Schema")


def _enumeration(word: Word, labels: Labels) -> Shape:
    return {
        "type": "string",
        "enum": list(labels),
        "description": word.text.paragraphs(),
        "x-title": word.title.by_language(),
        "x-description": word.text.by_language(),
        "x-enum-labels": {value: label.by_language() for value, label in labels.items()},
    }


def _segment_before(rule: str, name: str) -> str:
    """`parks` for the parameter of `/v1/parks/<uuid:key>`: what a key is of."""
    segments = rule.split("/")
    places = [index for index, segment in enumerate(segments) if segment.rstrip(">").endswith((f":{name}", f"<{name}"))]
    return segments[places[0] - 1] if places else ""


def _example(shape: Shape, word: Word) -> Shape:
    is_list = shape.get("type") == "array"
    inner = shape["items"] if is_list else shape
    if "$ref" in inner or inner.get("format") in BY_FORMAT:
        # The component has one, and the format says one.
        return {}
    examples = [[one] if is_list and not isinstance(one, list) else one for one in word.examples]
    return {"examples": examples} if examples else {}
