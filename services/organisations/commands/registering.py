"""Registering: one after another per tenant, within its quota, each credit code once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, any_, func, literal, select

from events.organisations import OrganisationRegistered
from services.organisations.commands.cards import new_card
from services.organisations.commands.search import index
from services.organisations.commands.validity import watch_validity
from services.organisations.domain import codes
from services.organisations.domain.names import CODE, keys_of
from services.organisations.domain.organisation import ORGANISATION_LIFECYCLE
from services.organisations.models import CardRow, Organisation, SearchKey
from shared.core.calendar import day_of
from shared.core.errors import ConflictError, Fault, InvalidError, RefusedError
from shared.database import usage
from shared.database.session import TenantSession
from shared.journal.session import Session
from shared.keys.directory import DirectoryRow
from shared.reference import divisions
from shared.reference.territory import division_elsewhere, elsewhere

NEW: dict[str, Any] = {
    "former_names": [], "memberships": [], "predecessors": [], "successor_id": None, "successor_code": None,
    "reason_digest": None, "state": ORGANISATION_LIFECYCLE.initial,
}  # fmt: skip
QUOTA = "organisations"


def register_organisation(session: Session, *, nonce: str | None = None, **described: Any) -> Organisation:
    """A new organisation whose home is the caller's tenant; its id follows from `nonce`, where there is one."""
    check_is_tenants(session)
    codes.check_sectors(described["sectors"])
    check_division(session, described["division"])
    lock_registrations(session)
    check_quota(session)
    taken = taken_codes(session, [described["code"]])
    if taken:
        raise taken[described["code"]]
    return create_all(session, [{"qualifications": [], "nonce": nonce, **described}])[0]


def check_is_tenants(session: Session) -> None:
    """People of one organisation act for that organisation alone."""
    if session.context.scope != "tenant":
        raise RefusedError(
            "organisation_scope",
            "您只代表本机构,不能执行此操作。请联系本辖区的工作人员。",
            "You act for one organisation alone and may not do this. Ask your tenant's officials.",
        )


def check_division(session: Session, code: str) -> None:
    """Raises `InvalidError` with a pointer when there is no such division today, or none of the tenant's."""
    today = day_of(session.clock.now())
    try:
        divisions.check_entered(code, today=today)
    except InvalidError as error:
        raise InvalidError(error.code, error.zh, error.en, [Fault("/division", error.zh, error.en)]) from error
    faults = elsewhere(session, code, tenants=[session.context.tenant_id], days=[today], pointer="/division")
    if faults:
        raise division_elsewhere(faults)


def lock_registrations(session: Session) -> None:
    """One registration at a time per tenant, so that neither a code nor the last place of a quota is given twice."""
    name = f"organisations.register/{session.context.tenant_id}"
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


def places_left(session: Session) -> int | None:
    """How many more organisations the tenant may register; None without a quota, and then nothing is counted."""
    home = session.context.tenant_id
    session.directory.listing(session, home)
    quota = session.directory.quota(home, QUOTA)
    if quota is None:
        return None
    return quota - organisations_held(session)


@usage.counts(QUOTA)
def organisations_held(session: TenantSession) -> int:
    """Those the tenant has registered itself."""
    own = Organisation.home_id == session.context.tenant_id
    return session.scalar(select(func.count()).select_from(Organisation).where(own)) or 0


def check_quota(session: Session) -> None:
    """Refuse one organisation more than the platform allows."""
    left = places_left(session)
    if left is None:
        return
    if left <= 0:
        raise quota_reached(session)
    quota = session.directory.quota(session.context.tenant_id, QUOTA) or 0
    usage.note(session, usage.Use(QUOTA, quota, quota - left + 1))


def quota_reached(session: Session) -> ConflictError:
    """The refusal, with the number and whom to ask."""
    quota = session.directory.quota(session.context.tenant_id, QUOTA)
    return ConflictError(
        "quota_reached",
        f"本辖区最多可登记 {quota} 个机构,已达上限。请联系平台管理员提高配额。",
        f"Your tenant may register {quota} organisations and has done so. Ask the platform's administrator for more.",
    )


def taken_codes(session: Session, wanted: Sequence[str]) -> dict[str, ConflictError]:
    """Which codes cannot be registered here, and why: held here already, or elsewhere by a public organisation.

    One that is held elsewhere and not public is not in it: nothing about it is told.
    """
    # As arrays: statements that stay the same, however many codes are asked for.
    keys, given = (literal(some, ARRAY(Text())) for some in ([code.lower() for code in wanted], list(wanted)))
    here = select(SearchKey.key, SearchKey.organisation_id).where(SearchKey.rank == CODE, SearchKey.key == any_(keys))
    cards = select(CardRow.code, CardRow.entry).where(CardRow.code == any_(given))
    homes = {code: UUID(json.loads(entry)["home"]) for code, entry in session.execute(cards)}
    elsewhere = {code: home for code, home in homes.items() if code and home != session.context.tenant_id}
    listed = session.scalars(select(DirectoryRow).where(DirectoryRow.id.in_(set(elsewhere.values()))))
    tenants = {row.id: row.state for row in listed}
    taken = {
        code: ConflictError(
            "code_taken_elsewhere",
            f"代码 {code} 已由“{tenants[home]['name_zh']}”登记。请联系该辖区,请其把该机构介绍给本辖区。",
            f"The code {code} is registered by {tenants[home]['name_en']}. Ask that tenant to introduce the"
            " organisation to yours.",
        )
        for code, home in elsewhere.items()
    }
    return taken | {
        key.upper(): ConflictError(
            "code_taken",
            f"代码 {key.upper()} 在本辖区已登记(机构 {one})。请直接使用或修改该机构。",
            f"The code {key.upper()} is registered here already as organisation {one}. Use or revise that one.",
        )
        for key, one in session.execute(here)
    }


def create_all(session: Session, described: Sequence[Mapping[str, Any]]) -> list[Organisation]:
    """Publish new organisations with all that belongs to them; whether they may exist was asked before."""
    home = session.context.tenant_id
    given = [
        {**NEW, **{("organisation_kind" if name == "kind" else name): value for name, value in item.items()}}
        for item in described
    ]
    rows = [session.create(Organisation, parties=[home], **item) for item in given]
    registered = [(row, OrganisationRegistered(code=row.code, kind=row.organisation_kind)) for row in rows]
    session.publish_all([*registered, *(new_card(session, row) for row in rows if row.public)])
    index(session, {row.id: keys_of(item) for row, item in zip(rows, given, strict=True)})
    watch_validity(session, rows)
    return rows
