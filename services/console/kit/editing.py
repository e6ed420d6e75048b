"""What the buttons within a form do: one more of a list, one less, a file that is added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import request

from services.console.calling.description import Operation
from services.console.kit.areas import AREAS
from services.console.kit.forms import MOST_GROUPS, UPLOAD, Form, escaped, flat
from services.console.kit.things import Thing

AFRESH = ("reason", "sign_by", "effective_from")
"""What every action says anew."""
KEY = "key:"
"""The field in which another key of a map is typed."""


def begun(form: Form, operation: Operation, *, found: Thing | None, ours: Mapping[str, str]) -> dict[str, str]:
    """What stands on a form at first: of a change what there is, else what the address or the API says."""
    # What makes a part of the thing begins empty.
    said = already(form, found, operation=operation) if found and operation.actions else {}
    if operation.method in ("PATCH", "PUT"):
        return said
    defaults = {
        f"/{one.name}": one.default for one in form.shape.fields if one.default not in (None, "", False, [], {})
    }
    made = {name: "true" if value is True else str(value) for name, value in defaults.items()}
    return {**made, **ours, **said, **{f"/{name}": value for name, value in request.args.items()}}


def with_ours(form: Form, names: Sequence[str], *, tenant: UUID | None) -> dict[str, str]:
    """Lists of tenants that begin with the reader's own: ticked, or the first part, with an empty one after it."""
    found: dict[str, str] = {}
    known = [name for name in names if form.shape.field(name)]
    for name in known if known and str(tenant) in dict(form.tenants) else ():
        inner = form.at(f"/{name}")
        fitting = [one.name for one in inner.fields if one.reference == "tenant"]
        found |= (
            {f"/{name}/0/{fitting[0]}": str(tenant), f"/{name}/1": ""} if fitting else {f"/{name}/{tenant}": "true"}
        )
    return found


def already(form: Form, found: Thing, *, operation: Operation) -> dict[str, str]:
    """What the thing says of the form's fields: all of it for a change; an action takes it up, but for the reason.

    What one signs is what lies on the table; what is put below a thing stands there as one of its fields.
    """
    signed = found.document.get("pending") or found.document
    part = found.document.get(operation.path.rpartition("/")[2]) if operation.method == "PUT" else None
    document = part if isinstance(part, dict) else {**found.document, "content_hash": signed.get("content_hash")}
    names = found.values.names
    for action in operation.actions:
        if action in found.area.follows:
            part = AREAS[found.area.follows[action]]
            newest = form.api.get(found.area.api(found.key, path=part.path), limit=1).body
            document, names = {**document, **next(iter(newest["items"]), {})}, {**names, **newest.get("names", {})}
    taken = {name: value for name, value in document.items() if operation.method != "POST" or name not in AFRESH}
    return flat(form.shape, taken, names=names)


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
    if what == "key":
        form.values[f"{pointer}/{escaped(request.form.get(f'{KEY}{pointer}', '').strip())}"] = ""
    elif what == "add":
        number = max(form.groups(pointer), default=-1) + 1
        if number < MOST_GROUPS:
            form.values[f"{pointer}/{number}"] = ""
    elif what == "remove":
        for name in [name for name in form.values if name == pointer or name.startswith(f"{pointer}/")]:
            del form.values[name]
