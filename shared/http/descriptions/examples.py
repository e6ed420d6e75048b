"""Examples made of the examples of the parts, so that each is said once and every whole one is of one piece."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

REFERENCE = "#/components/schemas/"
BY_FORMAT = {
    "uuid": "6f1c3c1e-5a0b-4c58-9d0f-0a4f0f2f7a11",
    "date": "2026-07-01",
    "date-time": "2026-07-01T02:30:00.000000Z",
    "email": "wang.li@gaozhu.example.cn",
}
"""What says enough of itself: no words file gives an example of these."""
Samples = Mapping[str, Mapping[str, Any]]


def example_of(shape: Mapping[str, Any], *, schemas: Mapping[str, Any], samples: Samples) -> Any:
    """An example of what this JSON Schema describes; raises LookupError where nothing says one."""
    if shape.get("examples"):
        return shape["examples"][0]
    if "$ref" in shape:
        name = shape["$ref"].removeprefix(REFERENCE)
        return whole(schemas[name], name=name, schemas=schemas, samples=samples)
    for several in ("anyOf", "allOf"):
        if several in shape:
            return example_of(shape[several][0], schemas=schemas, samples=samples)
    return _plain(shape, schemas=schemas, samples=samples)


def _plain(shape: Mapping[str, Any], *, schemas: Mapping[str, Any], samples: Samples) -> Any:
    kind = shape.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    if shape.get("enum"):
        return shape["enum"][0]
    if kind == "array":
        return [example_of(shape["items"], schemas=schemas, samples=samples)]
    if kind == "object" and "$ref" in shape.get("additionalProperties", {}):
        return {BY_FORMAT["uuid"]: example_of(shape["additionalProperties"], schemas=schemas, samples=samples)}
    if kind == "boolean":
        return shape.get("default", True)
    if shape.get("format") in BY_FORMAT:
        return BY_FORMAT[shape["format"]]
    raise LookupError("no example")


def whole(shape: Mapping[str, Any], *, name: str, schemas: Mapping[str, Any], samples: Samples) -> Any:
    """An example with all properties of this component, but for those that its sample leaves out or says itself."""
    if "properties" not in shape:
        return example_of(shape, schemas=schemas, samples=samples)
    sample = samples.get(name, {})
    left_out = set(sample.get("without", ()))
    made = {
        key: example_of(part, schemas=schemas, samples=samples)
        for key, part in shape["properties"].items()
        if key not in left_out
    }
    return {**made, **sample.get("with", {})}
