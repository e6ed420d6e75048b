"""One step of an import: some rows are registered, revised, left as they are, or reported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ARRAY, Text, func, insert, literal, select, true
from sqlalchemy.orm import aliased

from services.organisations.commands.organisations import ATTRIBUTES, apply_qualification, apply_revision
from services.organisations.commands.registering import (
    create_all,
    lock_registrations,
    places_left,
    quota_reached,
    taken_codes,
)
from services.organisations.commands.states import conceal_organisation, publish_organisation
from services.organisations.domain.organisation import check_living
from services.organisations.domain.qualifications import is_held, with_certificate_before
from services.organisations.domain.rows import Fault, Parsed, fault, parsed, reported
from services.organisations.models import Import, ImportFault, Organisation
from shared.core.calendar import day_of
from shared.core.errors import Fault as DivisionFault
from shared.core.errors import ProblemError
from shared.database.rows import table_of
from shared.journal.session import Session
from shared.reference.territory import division_elsewhere, elsewhere
from shared.tables.rows import TableRow, cell_name

REPORT = insert(table_of(ImportFault))
BLANK: dict[str, Any] = {"name_en": None, "former_names": [], "sectors": [], "public": False}


@dataclass
class _Step:
    """What becomes of the rows of one step."""

    session: Session
    row: Import
    faults: dict[int, list[Fault]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("registered", "revised", "unchanged"), 0))
    elsewhere: dict[str, list[DivisionFault]] = field(default_factory=dict)
    """By division, what is wrong with it here: rows name the same few again and again."""

    def refuse(self, number: int, problem: ProblemError, *, column: str = "code") -> None:
        cell = cell_name(self.row.columns.index(column), number)
        said = fault(column, (problem.code, problem.zh, problem.en), cell=cell)
        self.faults.setdefault(number, []).append(said)


def take(session: Session, row: Import, *, rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Take these rows; returns by how much each count of the import rises."""
    step = _Step(session, row)
    good = _readable(step, rows)
    lock_registrations(session)
    known = registered_here(session, [item.values["code"] for item in good.values()])
    good = {number: item for number, item in good.items() if _is_here(step, number, item=item, known=known)}
    _revise(step, {number: item for number, item in good.items() if item.values["code"] in known}, known=known)
    _register(step, {number: item for number, item in good.items() if item.values["code"] not in known})
    given = {item["row"]: TableRow(item["row"], item["cells"], item["marks"]) for item in rows}
    report = [
        {
            "tenant_id": row.tenant_id,
            "import_id": row.id,
            "row": number,
            "cells": reported(given[number], row.columns),
            "faults": found,
        }
        for number, found in step.faults.items()
    ]
    session.write(REPORT, report)
    return {**step.counts, "refused": len(step.faults), "seen": len(rows)}


def registered_here(session: Session, codes: Sequence[str]) -> dict[str, Organisation]:
    """The tenant's own organisations with these codes.

    Each is looked up by itself (`OFFSET` says so): the statistics of a table that grows by thousands a second are
    always old, and by these all of the tenant's rows would be read for each step.
    """
    wanted = func.unnest(literal(codes, ARRAY(Text()))).table_valued("code").render_derived("wanted")
    own = Organisation.home_id == Organisation.tenant_id, Organisation.code == wanted.c.code
    row = aliased(Organisation, select(Organisation).where(*own).offset(0).lateral())
    return {one.code: one for one in session.scalars(select(row).select_from(wanted).join(row, true()))}


def _readable(step: _Step, rows: Sequence[Mapping[str, Any]]) -> dict[int, Parsed]:
    today = day_of(step.session.clock.now())
    place = step.row.columns.index("code")
    found = {}
    for item in rows:
        row = TableRow(item["row"], item["cells"], item["marks"])
        read = parsed(row, step.row.columns, today=today)
        if (first := item["first"]) is not None:
            twice = (
                "code_twice",
                f"与第 {first} 行的统一社会信用代码相同,请删除其中一行。",
                f"The same credit code stands in row {first}: delete one of them.",
            )
            read.faults.append(fault("code", twice, cell=cell_name(place, row.number)))
        if read.faults:
            step.faults[item["row"]] = read.faults
        else:
            found[item["row"]] = read
    return found


def _is_here(step: _Step, number: int, *, item: Parsed, known: Mapping[str, Organisation]) -> bool:
    """Whether the row's division is the tenant's, or the organisation's already; refuses the row otherwise."""
    code, found = item.values["division"], known.get(item.values["code"])
    if found is not None and found.division == code:
        return True
    tenant, today = step.session.context.tenant_id, day_of(step.session.clock.now())
    if code not in step.elsewhere:
        step.elsewhere[code] = elsewhere(step.session, code, tenants=[tenant], days=[today], pointer="/division")
    if step.elsewhere[code]:
        step.refuse(number, division_elsewhere(step.elsewhere[code]), column="division")
    return not step.elsewhere[code]


def _register(step: _Step, rows: Mapping[int, Parsed]) -> None:
    taken = taken_codes(step.session, [item.values["code"] for item in rows.values()]) if rows else {}
    left = places_left(step.session) if rows else None
    new: list[dict[str, Any]] = []
    for number, item in rows.items():
        if (problem := taken.get(item.values["code"])) is not None:
            step.refuse(number, problem)
        elif left is not None and len(new) >= left:
            step.refuse(number, quota_reached(step.session))
        else:
            held = [] if item.qualification is None else [item.qualification]
            new.append({**BLANK, **item.values, "qualifications": held})
    if new and not step.row.dry_run:
        create_all(step.session, new)
    step.counts["registered"] = len(new)


def _revise(step: _Step, rows: Mapping[int, Parsed], *, known: Mapping[str, Organisation]) -> None:
    for number, item in rows.items():
        found = known[item.values["code"]]
        named = {ATTRIBUTES.get(name, name): value for name, value in item.values.items()}
        unknown = item.qualification is not None and not is_held(found.qualifications, item.qualification)
        if not (unknown or any(getattr(found, name) != value for name, value in named.items())):
            step.counts["unchanged"] += 1
            continue
        try:
            check_living(found.state, "revise")
            if not step.row.dry_run:
                session = step.session
                row = session.locked(Organisation, found.id)
                changes = {name: value for name, value in item.values.items() if name != "public"}
                apply_revision(session, row, changes=changes)
                if item.qualification is not None:
                    apply_qualification(
                        session, row, added=with_certificate_before(row.qualifications, item.qualification)
                    )
                if item.values.get("public", row.public) != row.public:
                    (conceal_organisation if row.public else publish_organisation)(session, row.id)
            step.counts["revised"] += 1
        except ProblemError as problem:
            step.refuse(number, problem)
