"""The joint park: its lifecycle, who its parties are, and which steps need all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from uuid import UUID

from events.canonical import Json
from shared.core.errors import ConflictError, Fault, InvalidError, RefusedError
from shared.rules.lifecycle import Lifecycle, Step

KINDS = ("joint", "enclave", "cooperation")
ROLES = ("host", "origin", "partner", "region")
NEEDS_ALL = ("resume", "dissolve", "call_off")
BY_PERSONS = frozenset({"suspend", "withdraw", *NEEDS_ALL})
REVISABLE = ("draft", "negotiating")
LASTING = ("negotiating", "agreed", "active", "suspended")
"""States in which a park goes on until the day on which all agree to dissolve it."""
ENDED = ("dissolved", "withdrawn")

PARK_LIFECYCLE = Lifecycle(
    "park",
    "draft",
    (
        Step("open_negotiation", ("draft",), "negotiating"),
        Step("agree", ("draft", "negotiating"), "agreed"),
        Step("bring_into_force", ("draft", "negotiating", "agreed"), "active"),
        Step("suspend", ("active",), "suspended"),
        Step("resume", ("suspended",), "active"),
        *(Step(action, (state,), state) for action in ("dissolve", "call_off") for state in LASTING),
        Step("complete", LASTING, "dissolved"),
        Step("withdraw", ("draft",), "withdrawn"),
    ),
    words="services.parks",
)

OPEN = ("active", "suspended")
"""States of a park in which organisations are settled."""
Tenant = UUID | str
Party = Mapping[str, Json]
"""`{"tenant": UUID as text, "role": one of ROLES, "division": GB/T 2260 code or None}`."""
Consents = Mapping[str, Sequence[str]]
"""Tenants that agreed, per action of `NEEDS_ALL`, in the order in which they did."""


def tenants(parties: Sequence[Party]) -> list[str]:
    """The tenants of a list of parties, in its order."""
    return [str(party["tenant"]) for party in parties]


def allowed_actions(
    state: str, *, tenant: Tenant, home: Tenant, parties: Sequence[Party], consents: Consents
) -> tuple[str, ...]:
    """What a person of this tenant may do to the park now, sorted; a consent already given is not asked for again.

    Of a dissolution `domain.dissolving` knows more.
    """
    if str(tenant) not in tenants(parties):
        return ()
    actions = {action for action in PARK_LIFECYCLE.actions(state) if action in BY_PERSONS}
    actions -= {action for action in NEEDS_ALL if str(tenant) in consents.get(action, ())}
    if str(tenant) != str(home):
        actions.discard("withdraw")
    if state in REVISABLE:
        actions.add("revise")
    if state not in ENDED:
        actions.add("propose")
    return tuple(sorted(actions))


def after_proposal(state: str) -> str:
    """The park's state once an agreement is proposed."""
    return PARK_LIFECYCLE.target(state, "open_negotiation") if state == "draft" else state


def after_signing(state: str) -> str:
    """The park's state once the last party signed for a day to come: what is in force stays so until then."""
    return PARK_LIFECYCLE.target(state, "agree") if state in REVISABLE else state


def after_beginning(state: str) -> str:
    """The park's state once an agreement is in force: a later revision changes no active and no suspended one."""
    return PARK_LIFECYCLE.target(state, "bring_into_force") if state in (*REVISABLE, "agreed") else state


def check_goes_on(state: str, *, ends_on: date | None) -> None:
    """Raises `ConflictError` for what no longer makes sense in a park that has ended, or will on a day that is set."""
    if state in ENDED:
        raise ConflictError(
            "park_closing",
            "园区已解散或已撤回,不能再变更。如需继续合作,请新建园区。",
            "The park has ended or was withdrawn, and changes no more. To go on together, create a new park.",
        )
    if ends_on is not None:
        raise ConflictError(
            "park_closing",
            f"各方已同意园区于 {ends_on} 解散,不能再商定协议。如需继续合作,请各方先撤销解散。",
            f"All have agreed that the park ends on {ends_on}, so no agreement is made any more. To go on together, "
            "all parties call the dissolution off first.",
        )


def check_revision(state: str, *, changes_parties: bool, has_open_proposal: bool) -> None:
    """Parties stay while terms are on the table: dropping the one who has not signed would conclude in its absence."""
    if state not in REVISABLE:
        raise ConflictError(
            "action_not_allowed",
            "园区只有在草案或协商阶段可以修改。尚在合作的园区,请改为提出新的协议;已结束的,请新建园区。",
            "A park is revised only as a draft or while it is negotiated. If it goes on, propose an agreement instead; "
            "if it has ended, create a new park.",
        )
    if changes_parties and has_open_proposal:
        raise ConflictError(
            "parties_settled",
            "有协议正在等待签署,此时不能变更参与方。请先撤回或拒绝该协议。",
            "An agreement awaits signatures, so the parties cannot change. Withdraw or refuse it first.",
        )


def check_drafter(tenant: Tenant, home: Tenant) -> None:
    """Raises `RefusedError` unless this tenant drafted the park."""
    if str(tenant) != str(home):
        raise RefusedError(
            "drafter_only",
            "只有起草方可以撤回草案。如不同意,请与起草方联系。",
            "Only the tenant that drafted this may withdraw it. If you do not agree, get in touch with it.",
        )


def check_period(starts_on: date | None, ends_on: date | None) -> None:
    """The end lies after the start, where both are known."""
    if starts_on and ends_on and ends_on <= starts_on:
        fault = Fault("/ends_on", f"必须晚于起始日 {starts_on}", f"must be later than the start, {starts_on}")
        raise InvalidError(
            "period_invalid",
            f"终止日 {ends_on} 不晚于起始日 {starts_on}。请更正其中一个日期。",
            f"The end {ends_on} is not later than the start {starts_on}. Correct one of the dates.",
            [fault],
        )


def check_parties(parties: Sequence[Party], *, kind: str, home: Tenant) -> None:
    """Raise one `InvalidError` with every fault of the list of parties (飞地: 飞入地 host, 飞出地 origin)."""
    faults = [*_list_faults(parties, str(home)), *_role_faults(parties, kind)]
    if faults:
        raise InvalidError(
            "parties_invalid",
            f"参与方名单有 {len(faults)} 处错误。请逐条更正后再提交。",
            f"The list of parties has {len(faults)} fault(s). Correct each of them and send it again.",
            faults,
        )


def _list_faults(parties: Sequence[Party], home: str) -> Iterator[Fault]:
    names = tenants(parties)
    if len(set(names)) < 2:
        yield Fault("/parties", "至少需要两个不同的参与方", "names fewer than two different tenants")
    if home not in names:
        yield Fault("/parties", f"缺少主办方 {home}", f"does not name the home tenant {home}")
    for index, name in enumerate(names):
        if name in names[:index]:
            yield Fault(f"/parties/{index}/tenant", f"{name} 重复出现", f"names {name} a second time")
    codes = [party["division"] for party in parties]
    for index, code in enumerate(codes):
        if code is not None and code in codes[:index]:
            yield Fault(
                f"/parties/{index}/division", f"{code} 已由另一参与方列出", f"{code} is another party's already"
            )


def _role_faults(parties: Sequence[Party], kind: str) -> Iterator[Fault]:
    roles = [str(party["role"]) for party in parties]
    if kind not in KINDS:
        yield Fault("/kind", f"必须是以下之一:{'、'.join(KINDS)}", f"must be one of {', '.join(KINDS)}")
    for index, role in enumerate(roles):
        if role not in ROLES:
            zh, en = f"必须是以下之一:{'、'.join(ROLES)}", f"must be one of {', '.join(ROLES)}"
            yield Fault(f"/parties/{index}/role", zh, en)
    if kind != "enclave":
        if not {"host", "partner"} & set(roles):
            yield Fault("/parties", "至少需要一个飞入地或合作方", "needs at least one host or partner")
        return
    if roles.count("host") != 1:
        zh, en = "飞地园区必须正好有一个飞入地", "of an enclave must have exactly one host"
        yield Fault("/parties", f"{zh},现有 {roles.count('host')} 个", f"{en}, has {roles.count('host')}")
    if "origin" not in roles:
        yield Fault("/parties", "飞地园区至少需要一个飞出地", "of an enclave must have at least one origin")


def no_consents() -> dict[str, list[str]]:
    """What a new park starts with."""
    return {action: [] for action in NEEDS_ALL}


def missing_consents(consents: Consents, action: str, *, parties: Sequence[Party]) -> list[str]:
    """The parties that have not agreed to `action` yet, in the parties' order."""
    given = consents.get(action, ())
    return [name for name in tenants(parties) if name not in given]


def waits_for_consent(state: str, action: str, *, consents: Consents) -> bool:
    """Whether somebody has asked for `action`, and it is possible now."""
    return bool(consents.get(action)) and action in PARK_LIFECYCLE.actions(state)


def give_consent(
    consents: Consents, action: str, *, tenant: Tenant, parties: Sequence[Party]
) -> tuple[dict[str, list[str]], bool]:
    """The consents with this one added, and whether all parties have now agreed.

    Raises `ConflictError` when this tenant has agreed already. Ask the lifecycle first whether `action` is possible.
    """
    given = [str(name) for name in consents.get(action, ())]
    if str(tenant) in given:
        raise ConflictError(
            "already_consented",
            "贵方已经同意,无需重复。请等待其他参与方同意。",
            "You have agreed already. Now the other parties are waited for.",
        )
    kept = {name: [str(item) for item in consents.get(name, ())] for name in NEEDS_ALL}
    renewed = {**kept, action: [*given, str(tenant)]}
    return renewed, not missing_consents(renewed, action, parties=parties)


def without(
    tenant: Tenant, *, parties: Sequence[Party], consents: Consents
) -> tuple[list[dict[str, Json]], dict[str, list[str]]]:
    """Parties and consents once this tenant has left the platform."""
    kept = {name: [str(item) for item in consents.get(name, ()) if str(item) != str(tenant)] for name in NEEDS_ALL}
    return [dict(party) for party in parties if str(party["tenant"]) != str(tenant)], kept


def agreed_by_all(state: str, consents: Consents, *, parties: Sequence[Party]) -> list[str]:
    """What waits for nobody any more: asked for, possible now, and agreed to by all who are parties."""
    possible = PARK_LIFECYCLE.actions(state)
    return [
        action
        for action in NEEDS_ALL
        if action in possible and consents.get(action) and not missing_consents(consents, action, parties=parties)
    ]


def after_suspension(consents: Consents) -> dict[str, list[str]]:
    """A new suspension starts without consents to resume: those given belong to an earlier one."""
    return {**{name: [str(item) for item in consents.get(name, ())] for name in NEEDS_ALL}, "resume": []}
