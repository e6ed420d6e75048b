"""Random histories of standards, bodies, certificates and recognitions in several tenants, for the service and a model.

Each act writes an aggregate as a command would and tells the model what was said, in the model's own words.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from events import standards as events
from events.canonical import instant
from services.standards.domain.numbers import certificate_nonce, new_number
from services.standards.models import Body, Certificate, Recognition, Standard
from shared.core.context import PLATFORM
from shared.journal.session import Session
from shared.rules.periods import with_period, without_last
from tests.builders.cell import Cell
from tests.standards.given import all_signed
from tests.standards.model import EVERYBODY, Model, day_of

DAY = timedelta(days=1)
CLASSES = ["C2110", "C2120", "C2231"]
METHODS = ["GB/T 1", "GB/T 2"]
ENDS = {"certificate": "revoked", "body": "withdrawn", "standard": "withdrawn", "recognition": "ended"}
GOOD = {"certificate": "valid", "body": "accredited", "standard": "in_force", "recognition": "in_force"}
CHANGES: dict[str, Callable[[], Any]] = {
    "certificate.suspended": lambda: events.CertificateSuspended(reason=None),
    "certificate.revoked": lambda: events.CertificateRevoked(since=datetime.now().astimezone(), reason=None),
    "certificate.valid": events.CertificateReinstated,
    "body.suspended": lambda: events.BodySuspended(reason=None),
    "body.withdrawn": lambda: events.BodyWithdrawn(reason=None),
    "body.accredited": events.BodyReinstated,
    "standard.withdrawn": lambda: events.StandardEnded(state="withdrawn"),
    "standard.in_force": events.StandardInForce,
    "recognition.suspended": lambda: events.RecognitionSuspended(reason=None),
    "recognition.ended": lambda: events.RecognitionEnded(reason=None),
    "recognition.in_force": events.RecognitionResumed,
}


@dataclass
class Thing:
    """One aggregate and what its home has said of it by now."""

    kind: str
    row: type[Any]
    home: UUID
    key: UUID
    name: Any
    said: dict[str, Any]
    version: int = 0


@dataclass
class History:
    """One history in the making."""

    cell: Cell
    rng: random.Random
    tenants: list[UUID]
    codes: dict[UUID, str]
    model: Model = field(default_factory=lambda: Model(PLATFORM))
    things: list[Thing] = field(default_factory=list)
    moments: list[datetime] = field(default_factory=list)
    """Moments between two steps, at which it is settled what was known."""
    edges: list[datetime] = field(default_factory=list)
    """Moments at which something begins or ends."""
    sessions: dict[UUID, Session] = field(default_factory=dict)
    """Of each tenant, while something happens."""
    _said: dict[tuple[UUID, int], tuple[Thing, dict[str, Any]]] = field(default_factory=dict)
    _delivered: dict[UUID, set[int]] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        return self.cell.clock.now()

    def often(self, usual: Any, others: list[Any]) -> Any:
        """The usual one three times in four."""
        return usual if self.rng.random() < 0.75 else self.rng.choice(others)

    def of(self, kind: str) -> list[Thing]:
        return [thing for thing in self.things if thing.kind == kind]

    def act(self) -> None:
        """One or two things happen."""
        for _act in range(self.rng.randrange(1, 3)):
            self.rng.choice(ACTS)(self)

    def learn(self, key: UUID, version: int, *, when: datetime) -> None:
        """The worker has been given this version."""
        if (key, version) not in self._said:
            return
        thing, said = self._said[key, version]
        if thing.kind != "recognition":
            self.model.learn(EVERYBODY, when, thing=thing.name, version=version, said=said)
            return
        # A party applies versions without a gap, so it knows one when it has all before it too.
        self._delivered.setdefault(key, set()).add(version)
        for number in range(1, thing.version + 1):
            if number not in self._delivered[key]:
                break
            for party in (said["recogniser"], said["recognised"]):
                if party != thing.home:
                    self.model.learn(party, when, thing=key, version=number, said=self._said[key, number][1])

    def say(self, thing: Thing, row: Any) -> None:
        """What was just published, in the model's words."""
        thing.version = row.version
        said = deepcopy(thing.said)
        self._said[thing.key, row.version] = thing, said
        if thing.kind == "recognition":
            self.model.learn(thing.home, self.now, thing=thing.key, version=row.version, said=said)

    def create(self, kind: str, row: type[Any], *, home: UUID, said: dict[str, Any], **fields: Any) -> Thing:
        """A new thing whose first state is its good one."""
        given = {"spells": _periods(said["states"]), "state": said["states"][-1][0], "reason_digest": None, **fields}
        parties, nonce = given.pop("parties", [home]), given.pop("nonce", None)
        change = {
            "certificate": lambda: events.CertificateIssued(number=fields["number"]),
            "body": lambda: events.BodyAccredited(code=fields["code"]),
            "standard": lambda: events.StandardReleased(content_hash="0" * 64, effective_from=day_of(self.now)),
            "recognition": lambda: events.RecognitionProposed(mutual=said["mutual"]),
        }[kind]()
        made = self.sessions[home].create(row, parties=parties, nonce=nonce, **given)
        self.sessions[home].publish(made, change)
        key = made.id
        thing = Thing(kind, row, home, key, fields.get("number", key), {"kind": kind, "home": home, **said})
        self.things.append(thing)
        self.say(thing, made)
        self.edges += [since for _state, since in said["states"]]
        return thing

    def change(self, thing: Thing, effect: Callable[[Any], None], *, change: Any) -> None:
        """A new version of it."""
        session = self.sessions[thing.home]
        row = session.locked(thing.row, thing.key)
        effect(row)
        session.publish(row, change)
        self.say(thing, row)


def _periods(states: list[tuple[str, datetime]]) -> list[dict[str, str]]:
    return [{"state": state, "from": instant(since)} for state, since in states]


def some_time(history: History) -> datetime:
    """A moment before now, at an edge of a day or anywhere."""
    moment = history.now - timedelta(hours=history.rng.randrange(0, 200))
    return moment.replace(hour=16, minute=0, second=0, microsecond=0) if history.rng.random() < 0.4 else moment


def standard(history: History) -> None:
    rng, home = history.rng, history.rng.choice([*history.tenants, *history.tenants, PLATFORM])
    issuers = [home, *rng.sample([one for one in history.tenants if one != home], rng.randrange(0, 2))]
    kind, since = rng.choice(["local", "local", "national"]), some_time(history) - 9 * DAY
    names = [{"tenant": str(one), "number": f"DB {uuid4().hex[:8]}", "project": None} for one in issuers]
    fields = {
        "standard_kind": kind, "title_zh": "标准", "title_en": None, "subject": "x", "tenant": home, "issuers": names,
        "numbers": [one["number"] for one in names], "text": [], "sheet": [], "content_hash": "0" * 64,
        "project_id": uuid4(), "replaces": [], "released_at": since, "effective_from": day_of(since), "ends": None,
    }  # fmt: skip
    history.create(
        "standard", Standard, home=home, parties=issuers, **all_signed(history.cell, home, fields),
        said={"states": [("in_force", since)], "standard_kind": kind, "issuers": issuers},
    )  # fmt: skip


def body(history: History) -> None:
    rng, standards = history.rng, history.of("standard")
    if not standards:
        return
    home, since = rng.choice(history.tenants), some_time(history) - 5 * DAY
    grants = [_grant(history, standards) for _grant_number in range(rng.randrange(1, 3))]
    history.create(
        "body", Body, home=home, tenant=home, organisation=None, code="91510000MA0000000X", name_zh="中心",
        name_en=None, grants=[_as_grant(grant) for grant in grants],
        said={"states": [("accredited", since)], "grants": grants},
    )  # fmt: skip


def _grant(history: History, standards: list[Thing]) -> dict[str, Any]:
    rng, today = history.rng, day_of(history.now)
    named = rng.sample(standards, rng.randrange(1, len(standards) + 1))
    return {
        "standards": [one.key for one in named], "classes": history.often([], [["C21"], ["C2110"]]),
        "methods": history.often([], [METHODS, METHODS[:1]]), "first": today - 40 * DAY,
        "last": today + history.often(300, [0, 3]) * DAY,
    }  # fmt: skip


def _as_grant(grant: dict[str, Any]) -> dict[str, Any]:
    return {
        "grant": 1, "standards": [str(one) for one in grant["standards"]], "product_classes": grant["classes"],
        "methods": grant["methods"], "valid_from": str(grant["first"]), "valid_to": str(grant["last"]),
    }  # fmt: skip


def certificate(history: History) -> None:
    rng, bodies = history.rng, history.of("body")
    if not bodies:
        return
    by = rng.choice(bodies)
    home = by.home if rng.random() < 0.95 else rng.choice(history.tenants)
    under = rng.choice(rng.choice(by.said["grants"])["standards"])
    since, number = some_time(history), new_number(history.codes[home], 2026)
    classes, methods = rng.sample(CLASSES, rng.randrange(1, 3)), rng.sample(METHODS, rng.randrange(1, 3))
    first = day_of(since) - rng.choice([0, 40]) * DAY
    last = day_of(history.now) + history.often(300, [2, 6]) * DAY
    history.create(
        "certificate", Certificate, home=home, nonce=certificate_nonce(number), tenant=home, number=number,
        body_id=by.key, standard_id=under, holder={}, methods=methods, valid_from=first, valid_to=last, report=[],
        products=[{"class": one, "name": "x"} for one in classes], based_on=[], replaces=None, replaced_by=None,
        said={"states": [("valid", since)], "body": by.key, "standard": under, "classes": classes, "methods": methods,
              "first": first, "last": last},
    )  # fmt: skip


def recognition(history: History) -> None:
    rng, standards = history.rng, history.of("standard")
    if not standards:
        return
    one, other = rng.sample(history.tenants, 2)
    mutual, since = rng.random() < 0.7, some_time(history) - history.often(9, [-5, 0]) * DAY
    items = [_item(history, thing, since=since) for thing in rng.sample(standards, min(4, len(standards)))]
    proposed = min(since, history.now) - 10 * DAY
    history.create(
        "recognition", Recognition, home=one, parties=[one, other], title_zh="互认", title_en=None, recogniser=one,
        recognised=other, mutual=mutual, edition=1, items=[_as_item(item) for item in items], pending=None,
        consent=None, ends_on=None, ends=[], suspended_by=None, objections=[],
        said={"states": [("proposed", proposed), ("in_force", since)], "recogniser": one, "recognised": other,
              "mutual": mutual, "items": items},
    )  # fmt: skip


def _item(history: History, thing: Thing, *, since: datetime) -> dict[str, Any]:
    often = history.often
    return {
        "standard": thing.key, "accepts": often("certificates", ["standard"]),
        "classes": often([], [["C21"], ["C2110", "C22"]]), "sectors": often([], [["家具"]]),
        "extra_tests": often([], [METHODS[:1]]), "cap": often(None, [1, 12]), "since": since,
        "until": None,
    }  # fmt: skip


def _as_item(item: dict[str, Any]) -> dict[str, Any]:
    ends = None if item["until"] is None else instant(item["until"])
    return {
        "standard": str(item["standard"]), "accepts": item["accepts"], "product_classes": item["classes"],
        "sectors": item["sectors"], "parks": [], "extra_tests": item["extra_tests"],
        "validity_cap_months": item["cap"], "from": instant(item["since"]), "until": ends,
    }  # fmt: skip


def edition(history: History) -> None:
    """A new list: some items end, others begin."""
    if not (found := history.of("recognition")):
        return
    thing, now = history.rng.choice(found), history.now
    for item in thing.said["items"]:
        if item["until"] is None and item["since"] < now and history.rng.random() < 0.4:
            item["until"] = now
    thing.said["items"].append(_item(history, history.rng.choice(history.of("standard")), since=now))
    history.edges.append(now)

    def effect(row: Any) -> None:
        row.items, row.edition = [_as_item(item) for item in thing.said["items"]], row.edition + 1

    history.change(thing, effect, change=events.RecognitionInForce(edition=2, since=now))


def reduce(history: History) -> None:
    """A grant ends one of these days, or a new one is added."""
    if not (found := history.of("body")):
        return
    thing = history.rng.choice(found)
    history.rng.choice(thing.said["grants"])["last"] = day_of(history.now) + history.rng.randrange(3) * DAY
    if history.rng.random() < 0.4:
        thing.said["grants"].append(_grant(history, history.of("standard")))

    def effect(row: Any) -> None:
        row.grants = [_as_grant(grant) for grant in thing.said["grants"]]

    history.change(thing, effect, change=events.BodyReduced(grant=1, valid_to=day_of(history.now)))


def turn(history: History) -> None:
    """Something stops counting, or counts again: at once, back-dated, or from a day ahead; or that was a mistake."""
    rng = history.rng
    kind = rng.choice(["certificate", "certificate", "body", "standard", "recognition"])
    if not (found := history.of(kind)):
        return
    thing = rng.choice(found)
    states, good = thing.said["states"], GOOD[thing.kind]
    if states[-1][0] != good and len(states) > 1 and rng.random() < 0.5:
        _mend(history, thing)
        return
    ends = [ENDS[thing.kind]] + ([] if thing.kind == "standard" else ["suspended"])
    state = good if states[-1][0] != good else rng.choice(ends)
    since = history.now
    if thing.kind == "certificate" and state == "revoked":
        since = max(some_time(history), states[0][1] + timedelta(seconds=1))
    elif state == ENDS[thing.kind] and rng.random() < 0.5:
        since = (since + rng.randrange(1, 5) * DAY).replace(hour=16, minute=0, second=0, microsecond=0)
    states.append((state, since))
    history.edges.append(since)
    _turn(history, thing, state, effect=lambda row: with_period(row.spells, state, since=since))


def mistake(history: History) -> None:
    """A suspension that was over, then a revocation said to be from before it, which may turn out to be a mistake."""
    now, hour = history.now, timedelta(hours=1)
    last = [(one, one.said["states"][-1]) for one in history.of("certificate")]
    old = [one for one, (state, since) in last if state == "valid" and since < now - 50 * hour]
    for thing in history.rng.sample(old, min(1, len(old))):
        for state, hours in (("suspended", 30), ("valid", 20), ("revoked", 40)):
            thing.said["states"].append((state, since := now - hours * hour))
            _turn(history, thing, state, effect=lambda row, to=state, at=since: with_period(row.spells, to, since=at))
            history.edges.append(since)
        if history.rng.random() < 0.5:
            _mend(history, thing)


def _mend(history: History, thing: Thing) -> None:
    thing.said["states"].pop()
    _turn(history, thing, thing.said["states"][-1][0], effect=lambda row: without_last(row.spells))


def _turn(history: History, thing: Thing, state: str, *, effect: Callable[[Any], Any]) -> None:
    def change(row: Any) -> None:
        row.spells = effect(row)
        row.state = row.spells[-1]["state"]

    made = CHANGES.get(f"{thing.kind}.{state}", events.RecognitionResumed)()
    history.change(thing, change, change=made)


def begin(history: History) -> None:
    """What there is at first."""
    for act in BEGINNING:
        act(history)


ACTS = [standard, body, certificate, certificate, recognition, edition, reduce, mistake, turn, turn, turn]
BEGINNING = [standard, standard, body, certificate, certificate, recognition, recognition]
