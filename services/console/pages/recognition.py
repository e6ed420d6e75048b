"""Whether certificates are recognised: one with the chain of reasons, many at once, and what would have been."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from flask import Response, request

from services.console.calling.description import description
from services.console.calling.shapes import Shape
from services.console.calling.visits import Visitor
from services.console.kit.areas import AREAS
from services.console.kit.references import WRITTEN, found_by_name
from services.console.kit.sending import Sent, send
from services.console.kit.values import Values, short_hash
from services.console.pages.filling import Filling
from services.console.pages.forms import fill_in, filling
from services.console.pages.frame import check_post, opens, operation_named, render
from shared.core.calendar import day_of, read_moment
from shared.http.lists.exporting import FORMULA
from shared.pages.asking import Api, Fault, RefusedByApiError
from shared.pages.languages import t

ONE, MANY, DRY_RUN = "check_certificate", "check_certificates", "dry_run_recognition"
FIELDS = ("certificate", "in", "class", "sector", "park", "as_of", "known_at")
"""What stands in the address of a question."""
HERE = "/console/recognition"
MOST = 1000


@dataclass(frozen=True)
class Asking:
    """A question as somebody wrote it."""

    given: Mapping[str, str]

    @classmethod
    def read(cls, fields: Mapping[str, str]) -> Asking:
        return cls({name: fields.get(name, "").strip()[:300] for name in FIELDS})

    def value(self, name: str) -> str:
        """What was written there."""
        return self.given[name]

    def url(self, **changes: str) -> str:
        """The address of this question, or of one that differs from it."""
        asked = {name: value for name, value in {**self.given, **changes}.items() if value}
        return f"{HERE}?{urlencode(asked)}" if asked else HERE

    def query(self, api: Api, faults: list[Fault]) -> dict[str, str | None]:
        """As the API is asked; adds to `faults` what names nothing, or several things."""
        park = self.value("park")
        named = {
            "class": self.value("class"),
            "sector": self.value("sector"),
            "park": found_by_name(api, "park", text=park, place="/park", faults=faults) if park else "",
        }
        number = WRITTEN.fullmatch(self.value("certificate"))
        asked = {
            "certificate": number["code"] if number else self.value("certificate"),
            "for": ",".join(f"{name}:{value}" for name, value in named.items() if value),
            **{name: self.value(name) for name in ("in", "as_of", "known_at")},
        }
        return {name: value or None for name, value in asked.items()}


@dataclass(frozen=True)
class Link:
    """One link of the chain as it is drawn; `reason` is None where it was not asked for."""

    title: str
    reason: Mapping[str, Any] | None

    @property
    def look(self) -> str:
        """Its class on the page."""
        holds = self.reason and self.reason["holds"]
        return "" if holds else "broken" if holds is False else "unasked"

    @property
    def hash(self) -> str:
        """Of the entry that proves it."""
        return short_hash(self.reason["proof"]["entry_hash"]) if self.reason and self.reason["proof"] else ""


def chain_of(body: Mapping[str, Any], answer: Shape) -> list[Link]:
    """All links in their order, also those that were not asked for."""
    chain = answer.field("chain")
    step = chain.items.field("step") if chain and chain.items else None
    told = {one["step"]: one for one in body["chain"]}
    titles = (step.choices or {}) if step else {}
    return [Link(t(title.zh, title.en), told.get(name)) for name, title in titles.items()]


@opens(HERE)
def check(who: Visitor) -> Any:
    """The question in the address, and its answer; without a certificate the question alone."""
    operation = operation_named(who, ONE)
    asking, body = Asking.read(request.args), None
    faults: list[Fault] = []
    if asking.value("certificate"):
        query = asking.query(who.api, faults)
        try:
            body = None if faults else who.api.get(operation.path, **query).body
        except RefusedByApiError as error:
            if error.status != 422:
                raise
            faults = error.faults or [Fault("", error.zh, error.en)]
    links = chain_of(body, operation.answer) if body and operation.answer else []
    short = [(number, one) for number, one in enumerate(links, 1) if one.reason and one.look]
    return render(
        who,
        "recognition.html",
        status=422 if faults else 200,
        asking=asking,
        fields={one.name: one for one in operation.query},
        faults=faults,
        body=body,
        values=Values(body.get("names", {}) if body else {}),
        links=links,
        short=min(short, key=lambda one: one[1].look != "broken", default=None),
        day=str(day_of(read_moment(body["as_of"]))) if body else "",
        reference=description().component("standards.ProofView").field("id"),
        proposing=AREAS["recognitions"].creating,
    )


@opens(f"{HERE}/many", "GET POST")
def check_many(who: Visitor) -> Any:
    """A line for each of many numbers, on the page or as a file."""
    operation = operation_named(who, MANY)
    numbers = [line.strip() for line in request.form.get("numbers", "").splitlines() if line.strip()]
    asking = Asking.read(request.form)
    faults: list[Fault] = []
    results: list[Mapping[str, Any]] = []
    button = check_post() if request.method == "POST" else ""
    if button and numbers:
        asked = {name: value for name, value in asking.query(who.api, faults).items() if value}
        items = [{**asked, "certificate": one} for one in numbers[:MOST]]
        try:
            terms = {"once": uuid4().hex}
            sent = send(who.api, operation, path=operation.path, document={"items": items}, terms=terms)
            results = sent.document["results"]
        except RefusedByApiError as error:
            if error.status != 422:
                raise
            faults = error.faults or [Fault("", error.zh, error.en)]
    elif button:
        faults = [Fault("/numbers", "请填写证书编号,每行一个。", "Write the numbers, one on each line.")]
    if button == "csv" and results:
        return as_file(numbers, results)
    return render(
        who,
        "recognition_many.html",
        status=422 if faults else 200,
        asking=asking,
        numbers=numbers,
        results=results,
        faults=faults,
        fields={one.name: one for one in description().operations[ONE].query},
        counted={verdict: sum(one["counts"] is verdict for one in results) for verdict in (True, False, None)},
    )


def as_file(numbers: Sequence[str], results: Sequence[Mapping[str, Any]]) -> Response:
    """The results as a spreadsheet opens them; what somebody typed is never taken for a formula."""
    verdicts = {
        True: t("获认可", "recognised"),
        False: t("不获认可", "not recognised"),
        None: t("暂不能断定", "not known"),
    }
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(
        [t("编号", "Number"), t("结论", "Result"), t("原因与下一步", "Why, and what to do"), t("截至", "As of")]
    )
    for number, one in zip(numbers, results, strict=False):
        message = one["message"] or {"zh": "", "en": ""}
        row = [number, verdicts[one["counts"]], t(message["zh"], message["en"]), one["as_of"]]
        writer.writerow([f"'{cell}" if cell.startswith(FORMULA) else cell for cell in row])
    response = Response(text.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="certificates.csv"'
    return response


@opens(f"{HERE}/dry-run", "GET POST")
def dry_run(who: Visitor) -> Any:
    """Which checks of the past would have been answered differently."""
    return fill_in(filling(who, AREAS["recognitions"], operation=operation_named(who, DRY_RUN), found=None), differing)


def differing(made: Filling, sent: Sent) -> Response:
    """The page of what would have been."""
    return made.shown(
        "dry_run.html",
        answer=made.operation.answer,
        body=sent.document,
        values=Values(sent.document.get("names", {})),
    )
