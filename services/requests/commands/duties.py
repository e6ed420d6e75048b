"""Writes of the duty table, and of what it leads to when a case arrives; kept by one tenant alone, in no event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from events.canonical import plain
from services.requests.commands.places import park_known
from services.requests.commands.pools import had_before
from services.requests.domain.duties import MOST_RULES, About, Duty, check_rule, duty_by
from services.requests.domain.matters import answering
from services.requests.models import Assignment, DutyRule, ItemRow, Routing
from services.requests.models.duties import rules_for
from shared.core.calendar import day_of
from shared.core.errors import ConflictError, Fault, InvalidError, NotFoundError
from shared.database.rows import table_of
from shared.evidence.audit import detail
from shared.journal.session import Session

ASKED = ("item_id", "category", "division", "park_id")
IDS = ("item", "park")
GIVEN = (*ASKED, "unit", "person", "substitute", "absent_from", "absent_until")


def add_duty_rule(session: Session, *, item: UUID | None, park: UUID | None, **given: Any) -> DutyRule:
    """A rule for what no other rule asks for."""
    if (session.scalar(select(func.count()).where(DutyRule.removed_at.is_(None))) or 0) >= MOST_RULES:
        zh, en = (
            f"至多 {MOST_RULES} 条分工规则。请合并或移除一些。",
            f"At most {MOST_RULES} duty rules: merge or remove some.",
        )
        raise ConflictError("duty_rules_full", zh, en)
    now = session.clock.now()
    row = DutyRule(id=uuid4(), item_id=item, park_id=park, created_at=now, updated_at=now, version=1, **given)
    _check(session, row)
    session.add(row)
    session.flush()
    detail(session, subject=str(row.id), after=_noted(row))
    return row


def revise_duty_rule(session: Session, key: UUID, **changes: Any) -> DutyRule:
    """Change it; cases that it gave to somebody before stay there."""
    row = locked_duty_rule(session, key)
    before = _noted(row)
    with session.no_autoflush:
        for name, value in changes.items():
            setattr(row, f"{name}_id" if name in IDS else name, value)
        _check(session, row)
    row.version, row.updated_at = row.version + 1, session.clock.now()
    session.flush()
    detail(session, subject=str(key), before=before, after=_noted(row))
    return row


def remove_duty_rule(session: Session, key: UUID) -> DutyRule:
    """Give nothing more by it; cases that it gave to somebody before stay there."""
    row = locked_duty_rule(session, key)
    row.removed_at = row.updated_at = session.clock.now()
    session.flush()
    detail(session, subject=str(key), before=_noted(row))
    return row


def locked_duty_rule(session: Session, key: UUID) -> DutyRule:
    """The rule, locked; raises `NotFoundError`."""
    return _counting(session.one(DutyRule, key, lock=True))


def duty_rule(session: Session, key: UUID) -> DutyRule:
    """The rule; raises `NotFoundError`."""
    return _counting(session.one(DutyRule, key))


def _counting(row: DutyRule) -> DutyRule:
    if row.removed_at is not None:
        raise NotFoundError.of(row.called, row.id)
    return row


def _check(session: Session, row: DutyRule) -> None:
    check_rule(row)
    if row.item_id is not None and session.get(ItemRow, row.item_id) is None:
        zh, en = "没有这个服务事项。请从目录中选择。", "There is no such service item. Choose one of the catalogue."
        raise InvalidError("duty_rule_invalid", zh, en, [Fault("/item", zh, en)])
    if row.park_id is not None:
        park_known(session, row.park_id)
    same = (getattr(DutyRule, name).is_not_distinct_from(getattr(row, name)) for name in ASKED)
    other = session.scalar(select(DutyRule.unit).where(*same, DutyRule.removed_at.is_(None), DutyRule.id != row.id))
    if other is not None:
        raise ConflictError(
            "duty_rule_exists",
            f"已有条件相同的规则,由“{other}”办理。请修改该规则,或换一个条件。",
            f"A rule asks for the same already, for “{other}”. Revise that one, or ask for something else.",
        )


def _noted(row: DutyRule) -> dict[str, Any]:
    return {name.removesuffix("_id"): plain(getattr(row, name)) for name in GIVEN}


def route_case(session: Session, key: UUID, *, state: Mapping[str, Any]) -> None:
    """Give a case that has arrived to the unit and person whose it is; whoever has it already keeps it.

    Who had it before it was reopened gets it no more. Without a rule that fits nothing changes: what a unit has stays
    with it, and the rest lies in the pool of all. The unit that answers a matter is the one that the park's duty table
    names; the rules of that unit say who of it.
    """
    here, now, found = session.context.tenant_id, session.clock.now(), rules_for(session, about_of(state))
    unit = _answering_unit(state, here)
    if unit is not None:
        found = [rule for rule in found if rule.unit == unit]
    if not found and unit is None:
        return
    rule = found[0] if found else None
    duty = Duty(unit or "", None, is_substitute=False) if rule is None else duty_by(rule, today=day_of(now))
    given = {"unit": duty.unit, "rule_id": rule and rule.id, "routed_at": now}
    new = insert(table_of(Routing)).values(tenant_id=here, case_id=key, **given)
    session.execute(new.on_conflict_do_update(index_elements=["tenant_id", "case_id"], set_=given))
    person, reopened = str(duty.person), state["reopened"] if state["handler"] == str(here) else 0
    if duty.person is not None and not had_before(session, key, person=person, reopened=reopened):
        held = insert(table_of(Assignment)).values(
            tenant_id=here, case_id=key, person=person, since=now, reopened=reopened, follow_up_on=None
        )
        session.execute(held.on_conflict_do_nothing())


def _answering_unit(state: Mapping[str, Any], here: UUID) -> str | None:
    """Of this tenant, by the duty table of a park; None for what is no matter, or was passed on."""
    matter = state["matter"]
    if matter is None:
        return None
    answers = answering(matter["matters"], matter["kind"])
    return str(answers["unit"]) if answers["tenant"] == str(here) else None


def about_of(state: Mapping[str, Any]) -> About:
    """What the duty table asks of a case, by its state document."""
    park = state["park_id"] and UUID(state["park_id"])
    category, division = state["item"]["category"], state["division"]
    return About(item=UUID(state["item_id"]), category=category, division=division, park=park)
