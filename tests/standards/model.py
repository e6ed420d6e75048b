"""A naive model of what was known when and what it meant: plain lists of facts, looked through from end to end.

It shares no code with the service: no periods, no registers, no chain. A fact is everything a thing's home said with
one version, and when who received it. What a thing's states were is the list of what its home said of them, in the
order said, each holding from its moment on until something later is said; a correction strikes out the last one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

EVERYBODY = "everybody"
PLATFORM_KINDS = ("national", "industry")


@dataclass(frozen=True)
class Fact:
    """`who` received, at `when`, that the thing is so."""

    who: Any
    when: datetime
    thing: Any
    version: int
    said: dict[str, Any]


@dataclass
class Model:
    """All facts, in no order."""

    platform: Any
    facts: list[Fact] = field(default_factory=list)

    def learn(self, who: Any, when: datetime, *, thing: Any, version: int, said: dict[str, Any]) -> None:
        self.facts.append(Fact(who, when, thing, version, said))

    def known(self, who: Any, when: datetime, thing: Any) -> dict[str, Any] | None:
        """The highest version that this one had received by then."""
        best = None
        for fact in self.facts:
            received = fact.who == who and fact.thing == thing and fact.when <= when
            if received and (best is None or fact.version > best.version):
                best = fact
        return None if best is None else best.said

    def recognitions(self, who: Any, when: datetime) -> list[dict[str, Any]]:
        things = {fact.thing for fact in self.facts if fact.who == who and fact.said["kind"] == "recognition"}
        known = [self.known(who, when, thing) for thing in things]
        return [said for said in known if said is not None]

    def steps(self, who: Any, number: str, *, tenant: Any, moment: datetime, when: datetime, **wanted: Any) -> Any:
        """Whether certificate, body, accreditation, standard and recognition hold; None for an unknown number."""
        certificate = self.known(EVERYBODY, when, number)
        if certificate is None:
            return None
        body = self.known(EVERYBODY, when, certificate["body"])
        standard = self.known(EVERYBODY, when, certificate["standard"])
        others = self._others(certificate, standard, tenant=tenant)
        found = [
            item_holds(recognition, item, certificate, tenant=tenant, moment=moment, wanted=wanted, others=others)
            for recognition in self.recognitions(who, when)
            for item in recognition["items"]
        ]
        return [
            certificate_holds(certificate, moment, wanted=wanted),
            body is not None and body["home"] == certificate["home"] and state_of(body, moment) == "accredited",
            body is not None and any(grant_holds(grant, certificate, moment) for grant in body["grants"]),
            standard is not None and state_of(standard, moment) == "in_force",
            not others or any(found),
        ]

    def _others(self, certificate: Any, standard: Any, *, tenant: Any) -> list[Any]:
        """Whose things the tenant would have to recognise."""
        if tenant != certificate["home"]:
            return [certificate["home"]]
        if standard is None:
            return []
        if standard["standard_kind"] in PLATFORM_KINDS and standard["home"] == self.platform:
            return []
        return [] if tenant in standard["issuers"] else list(standard["issuers"])


def day_of(moment: datetime) -> date:
    return (moment.astimezone(UTC) + timedelta(hours=8)).date()


def state_of(thing: dict[str, Any], moment: datetime) -> str | None:
    state = None
    for said, since in thing["states"]:
        if moment >= since:
            state = said
    return state


def under(product_class: str, classes: list[str]) -> bool:
    if len(classes) == 0:
        return True
    return any(product_class[: len(one)] == one for one in classes)


def certificate_holds(certificate: Any, moment: datetime, *, wanted: Any) -> bool:
    in_term = certificate["first"] <= day_of(moment) <= certificate["last"]
    fits = wanted["product"] is None or under(wanted["product"], certificate["classes"])
    return state_of(certificate, moment) == "valid" and in_term and fits


def grant_holds(grant: Any, certificate: Any, moment: datetime) -> bool:
    for product in certificate["classes"]:
        if not under(product, grant["classes"]):
            return False
    for method in certificate["methods"]:
        if grant["methods"] and method not in grant["methods"]:
            return False
    in_term = grant["first"] <= day_of(moment) <= grant["last"]
    return in_term and certificate["standard"] in grant["standards"]


def item_holds(
    recognition: Any, item: Any, certificate: Any, *, tenant: Any, moment: datetime, wanted: Any, others: list[Any]
) -> bool:
    one, other = recognition["recogniser"], recognition["recognised"]
    accepts = (one == tenant and other in others) or (recognition["mutual"] and other == tenant and one in others)
    listed = item["since"] <= moment and (item["until"] is None or moment < item["until"])
    abroad = tenant != certificate["home"]
    if not accepts or not listed or state_of(recognition, moment) != "in_force":
        return False
    if item["standard"] != certificate["standard"] or (abroad and item["accepts"] != "certificates"):
        return False
    for product in [wanted["product"]] if wanted["product"] else certificate["classes"]:
        if not under(product, item["classes"]):
            return False
    if item["sectors"] and wanted["sector"] not in item["sectors"]:
        return False
    for test in item["extra_tests"]:
        if test not in certificate["methods"]:
            return False
    return item["cap"] is None or day_of(moment) < months_later(certificate["first"], item["cap"])


def months_later(day: date, months: int) -> date:
    """Counted one month at a time; a day that the last month lacks is its last one."""
    year, month = day.year, day.month
    for _month in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    wanted = day.day
    while True:
        try:
            return date(year, month, wanted)
        except ValueError:
            wanted -= 1
