"""What the buttons within a form do: one more of a list, one less, a file that is added."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request

from services.console.calling.description import Operation
from services.console.kit.forms import MOST_GROUPS, UPLOAD, Form, flat
from services.console.kit.things import Thing


def begun(form: Form, operation: Operation, *, found: Thing | None) -> dict[str, str]:
    """What stands on a form at first: of a change what there is, else what the address or the API says."""
    if found is not None and operation.method == "PATCH":
        return flat(form.shape, found.document, names=found.values.names)
    defaults = {
        f"/{one.name}": one.default for one in form.shape.fields if one.default not in (None, "", False, [], {})
    }
    said = {name: "true" if value is True else str(value) for name, value in defaults.items()}
    return said | {f"/{name}": value for name, value in request.args.items()}


def pressed(form: Form, button: str, *, files: Mapping[str, Any]) -> None:
    """Changes what stands on the form; raises `RefusedByApiError` for a file that is not taken."""
    for name, file in files.items():
        if not name.startswith(UPLOAD) or not file.filename:
            continue
        pointer = name.removeprefix(UPLOAD)
        headers = {"Content-Type": file.mimetype or "application/octet-stream"}
        kept = form.api.send("POST", "/v1/files", body=file.stream.read(), headers=headers).body
        number = max(form.groups(pointer), default=-1) + 1
        given = {"sha256": kept["sha256"], "media_type": kept["media_type"], "size": str(kept["size"])}
        called = str(file.filename).replace("/", "_").replace("\\", "_")[:200]
        form.values |= {f"{pointer}/{number}/{part}": value for part, value in {**given, "name": called}.items()}
    what, _, pointer = button.partition(":")
    if what == "add":
        number = max(form.groups(pointer), default=-1) + 1
        if number < MOST_GROUPS:
            form.values[f"{pointer}/{number}"] = ""
    elif what == "remove":
        for name in [name for name in form.values if name == pointer or name.startswith(f"{pointer}/")]:
            del form.values[name]
