"""An application: a form made of the sheet of its item, with each paper, and what of it is still to be done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from services.console.calling.shapes import Shape
from services.console.kit.forms import UPLOAD, Form
from services.console.kit.reading import ANY_DECIMAL, faults
from services.console.kit.things import Thing
from shared.core.words import Pair
from shared.pages.asking import Api, Fault

APPLICANT, ANSWERS, MATERIALS = "applicant", "answers", "materials"
PARTS = ("sha256", "name", "media_type", "size")
LONGEST = 500
NO_HINT = Pair("", "")
FORM, PAPERS = Pair("填写内容", "Form"), Pair("材料", "Papers")
YES_NO = {"yes": Pair("是", "Yes"), "no": Pair("否", "No")}
NO_NUMBER = Pair("请填写数字,例如 12.5。", "Give a number, such as 12.5.")


@dataclass(frozen=True)
class Task:
    """One thing that is to be done, where it stands on the form, and whether it is done, missing or may be left out."""

    title: Pair
    pointer: str
    state: str
    """done, missing, optional or asked (for again)."""


@dataclass
class Application:
    """A case that is filled in, or whose papers are supplied."""

    found: Thing
    form: Form

    @classmethod
    def of(cls, api: Api, found: Thing) -> Application:
        """With what the case holds already."""
        form = Form(form_of(found), api)
        form.values = values_of(found.document, form.shape)
        return cls(found, form)

    @property
    def is_supplement(self) -> bool:
        """Whether it was filed before, and papers were asked for."""
        return bool(self.found.document["state"] == "returned")

    @property
    def sheet(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.found.document["sheet"]
        return found

    @property
    def asked(self) -> list[str]:
        """The names of what was asked for, by which the sheet calls it."""
        supplement = self.found.document["supplement"] if self.is_supplement else None
        return [one["name"] for one in supplement["missing"]] if supplement else []

    def part(self, name: str) -> Sequence[Shape]:
        """The fields of the form, or the papers."""
        whole = self.form.shape.field(name)
        return whole.fields if whole else ()

    def take(self, given: Mapping[str, str], *, files: Mapping[str, Any], button: str) -> None:
        """What was typed, and the files that came with it; raises `RefusedByApiError` for one that is not taken."""
        known = set(places_of(self.form.shape))
        uploads = {f"{UPLOAD}/{MATERIALS}/{one.name}": "" for one in self.part(MATERIALS)}
        self.form.values = {**{place: given.get(place, "") for place in known}, **uploads}
        for name, file in files.items():
            pointer = name.removeprefix(UPLOAD)
            if not file.filename or f"{pointer}/sha256" not in known:
                continue
            headers = {"Content-Type": file.mimetype or "application/octet-stream"}
            kept = self.form.api.send("POST", "/v1/files", body=file.stream.read(), headers=headers).body
            called = str(file.filename).replace("/", "_").replace("\\", "_")[:200]
            self.form.values |= {f"{pointer}/{part}": str({**kept, "name": called}[part]) for part in PARTS}
        what, _, pointer = button.partition(":")
        if what == "remove":
            self.form.values |= {f"{pointer}/{part}": "" for part in PARTS if f"{pointer}/{part}" in known}

    def document(self) -> dict[str, Any]:
        """As the API takes it: answers and papers as a whole."""
        typed = self.form.document()
        answers, papers = typed.get(ANSWERS) or {}, typed.get(MATERIALS) or {}
        return {
            **({APPLICANT: typed[APPLICANT]} if APPLICANT in typed else {}),
            ANSWERS: [{"name": name, "value": str(value)} for name, value in answers.items()],
            MATERIALS: [{**file, "material": key} for key, file in papers.items()],
        }

    def faults(self) -> list[Fault]:
        """All that is missing or cannot be read, each at its place, before it is sent."""
        return [*faults(self.form.shape, self.form.document())]

    def placed(self, found: Sequence[Fault]) -> list[Fault]:
        """What the API says of the second answer, at the field that is answered second."""
        sent = self.document()
        keys = {
            ANSWERS: [one["name"] for one in sent[ANSWERS]],
            MATERIALS: [one["material"] for one in sent[MATERIALS]],
        }
        told = []
        for one in found:
            name, _, rest = one.pointer.removeprefix("/").partition("/")
            number = rest.partition("/")[0]
            known = keys.get(name, [])
            at = f"/{name}/{known[int(number)]}" if number.isdecimal() and int(number) < len(known) else one.pointer
            told.append(one._replace(pointer=at))
        return told

    def tasks(self) -> Iterator[Task]:
        """In the order of the form."""
        typed, asked = self.form.document(), self.asked
        applicant = self.form.shape.field(APPLICANT)
        rows = [("", applicant)] if applicant else []
        rows += [(f"/{name}", one) for name in (ANSWERS, MATERIALS) for one in self.part(name)]
        for within, shape in rows:
            given = typed.get(within[1:]) or {} if within else typed
            state = "done" if given.get(shape.name) else "missing" if shape.required else "optional"
            state = "asked" if shape.name in asked and state != "done" else state
            yield Task(shape.title, f"{within}/{shape.name}", state)


def form_of(found: Thing) -> Shape:
    """The form that the sheet of a case asks for, as the kit knows forms."""
    draft = found.area.acting["revise"].draft
    applicant = draft.field(APPLICANT) if draft else None
    if applicant is None:
        raise LookupError(APPLICANT)
    sheet = found.document["sheet"]
    papers = tuple(
        Shape(
            name=one["key"], type="file", title=Pair(one["name_zh"], one["name_zh"]),
            hint=Pair(one["note"] or "", one["note"] or ""), required=one["required"],
            fields=tuple(Shape(name=part, type="text", title=NO_HINT, hint=NO_HINT) for part in PARTS),
        )
        for one in sheet["materials"]
    )  # fmt: skip
    parts = ((ANSWERS, FORM, tuple(map(field_of, sheet["form"]))), (MATERIALS, PAPERS, papers))
    whole = tuple(
        Shape(name=name, type="object", title=title, hint=NO_HINT, required=True, fields=inner)
        for name, title, inner in parts
        if inner
    )
    return Shape(name="", type="object", title=NO_HINT, hint=NO_HINT, fields=(called(applicant), *whole))


def called(applicant: Shape) -> Shape:
    """The applicant's name: one line, and never left out, though a change need not say it again."""
    return replace(applicant, type="text", required=True)


def first_fields(draft: Shape, *, of_organisation: bool) -> Shape:
    """For whom an application is begun; people of an organisation ask for their own."""
    fields = [replace(one, required=True) for one in draft.fields if one.name == "organisation" and not of_organisation]
    fields += [one for one in draft.fields if one.name == "park"]
    return replace(draft, fields=(*fields, *(called(one) for one in draft.fields if one.name == APPLICANT)))


def field_of(asked: Mapping[str, Any]) -> Shape:
    """One field of the sheet."""
    kinds = {"yes_no": "choice", "choice": "choice", "number": "number", "date": "date"}
    choices = YES_NO if asked["kind"] == "yes_no" else {one: Pair(one, one) for one in asked["choices"]} or None
    refusal = {"pattern": ANY_DECIMAL, "x-refusal": NO_NUMBER.by_language()} if asked["kind"] == "number" else {}
    return Shape(
        name=asked["name"], type=kinds.get(asked["kind"], "text"),
        title=Pair(asked["label_zh"], asked["label_en"] or asked["label_zh"]), hint=NO_HINT,
        required=asked["required"], choices=choices, longest=LONGEST, rules={"maxLength": LONGEST, **refusal},
    )  # fmt: skip


def values_of(document: Mapping[str, Any], shape: Shape) -> dict[str, str]:
    """What the case holds, by the places of the form; nothing at those that are still empty."""
    held = {f"/{APPLICANT}": document[APPLICANT] or ""}
    held |= {f"/{ANSWERS}/{one['name']}": one["value"] for one in document[ANSWERS]}
    held |= {f"/{MATERIALS}/{one['material']}/{part}": str(one[part]) for one in document[MATERIALS] for part in PARTS}
    uploads = {f"{UPLOAD}/{MATERIALS}/{one['key']}": "" for one in document["sheet"]["materials"]}
    return {**{place: held.get(place, "") for place in places_of(shape)}, **uploads}


def places_of(shape: Shape, within: str = "") -> Iterator[str]:
    """Every place of the form in which something may stand."""
    for one in shape.fields:
        if one.fields:
            yield from places_of(one, f"{within}/{one.name}")
        else:
            yield f"{within}/{one.name}"
