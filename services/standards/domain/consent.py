"""Consent to a recognition: what each side signs, and what the other side verifies of its home.

The home orders what happens, but it speaks for itself alone. So the other side of a mutual recognition takes over a
change only if it follows from what was there before: the list from what was on the table and both have signed, the
time from when it was signed, and its own decisions stand until it takes them back itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from events.canonical import canonical, digest
from services.standards.domain.agreeing import closed, effective_end, without_end
from services.standards.domain.editions import renewed, terms_of
from shared.core.calendar import read_day, read_moment, start_of
from shared.countersigned.verifying import CLOCK_SKEW, Claim, State
from shared.rules.periods import Period
from shared.rules.signed_commands import Commands, commands_of

AGREE_COMMAND, RESUME_COMMAND, END_COMMAND, RESTORE_COMMAND = (
    f"standards.recognition.{name}" for name in ("agree", "resume", "end", "restore")
)
"""The commands by which a side agrees, and takes back what it has decided."""
BETWEEN = ("recogniser", "recognised", "mutual")
LISTED = ("items", "edition", "ends_on")


def content_hash(pending: State, *, between: State) -> str:
    """Hex SHA-256 of what is on the table: between whom, when it was put there, items in whatever order, and days."""
    listed = sorted((terms_of(item) for item in pending["items"]), key=canonical)
    named = {name: pending[name] for name in ("edition", "proposed_at", "starts_on", "ends_on")}
    sides = {name: str(between[name]) for name in BETWEEN}
    return digest(canonical({**named, **sides, "items": listed}))


def signed_commands(key: UUID, recognition: State, *, home: UUID) -> Commands:
    """By which commands the other side signed what stands here; raises ValueError, TypeError or KeyError."""
    if recognition["recogniser"] != str(home):
        raise ValueError("nobody recognises on another's behalf")
    pending, consent, asked = recognition["pending"], recognition["consent"], (AGREE_COMMAND, key)
    given = [] if pending is None else [(pending["signatures"], content_hash(pending, between=recognition))]
    given += [] if consent is None else [(consent["signatures"], consent["content_hash"])]
    return [
        each
        for signatures, signed in given
        for each in commands_of(signatures, home=home, asked=asked, content_hash=signed)
    ]


def check_next(change: Claim, after: State, *, before: State | None, here: str) -> None:
    """Raises ValueError where the home of a mutual recognition says what the other side, `here`, does not accept."""
    if before is not None and any(after[name] != before[name] for name in BETWEEN):
        raise ValueError("another recognition than it was")
    if not after["mutual"]:
        return
    if before is None:
        has_more = after["items"] or after["edition"] or after["consent"] is not None
        if has_more or any(period["state"] != "proposed" for period in after["spells"]):
            raise ValueError("it begins as more than a proposal")
        return
    if after["consent"] == before["consent"]:
        if any(after[name] != before[name] for name in LISTED):
            raise ValueError("what holds was changed, and nobody has agreed")
    else:
        _check_concluded(change, after, before=before, here=here)
    _check_periods(change, after, before=before)
    asked = change.command if change.by == here else None
    gone = [end for end in before["ends"] if end["by"] == here and end not in after["ends"]]
    if gone and asked not in (RESTORE_COMMAND, END_COMMAND):
        raise ValueError("an end that this side has set was taken back")
    if before["suspended_by"] == here and asked not in (RESUME_COMMAND, RESTORE_COMMAND):
        same = _suspended(after["spells"]) == _suspended(before["spells"])
        if after["suspended_by"] != here or not same:
            raise ValueError("this side has suspended it, and another resumed it")


def _check_concluded(change: Claim, after: State, *, before: State, here: str) -> None:
    consent, pending, since = after["consent"], before["pending"], _since(change)
    if pending is None or consent is None or since is None:
        raise ValueError("nothing was on the table")
    same = ("content_hash", "starts_on")
    if [consent[name] for name in same] != [pending[name] for name in same] or after["edition"] != pending["edition"]:
        raise ValueError("something else was on the table")
    signed = {item["tenant"]: item for item in consent["signatures"]}
    if here not in signed:
        raise ValueError("the other side has not agreed")
    first = read_moment(signed[here]["command"]["document"]["at"]) - CLOCK_SKEW
    if pending["starts_on"] is not None:
        first = max(first, start_of(read_day(pending["starts_on"])))
    if since < first or after["ends_on"] != pending["ends_on"]:
        raise ValueError("it counts at another time than was agreed")
    if after["items"] != renewed(before["items"], pending["items"], since=since):
        raise ValueError("the list is not what was agreed")


def _since(change: Claim) -> datetime | None:
    """When what was agreed to begins, where the entry says it."""
    since = change.change.get("since")
    return None if since is None else read_moment(since)


def _check_periods(change: Claim, after: State, *, before: State) -> None:
    """What has been stays, but for a correction, and nothing counts from before it was said."""
    ends_on = None if after["ends_on"] is None else read_day(after["ends_on"])
    if closed(after["spells"], effective_end(ends_on, after["ends"])) != after["spells"]:
        raise ValueError("it does not end when it is to")
    was, now = without_end(before["spells"]), without_end(after["spells"])
    if change.event == "restored":
        return
    lasting = [period for period in was if read_moment(period["from"]) <= change.at - CLOCK_SKEW]
    if now[: len(lasting)] != lasting:
        raise ValueError("what has been was changed")
    since, said = _since(change), change.at - CLOCK_SKEW
    earliest = said if since is None else min(since, said)
    if any(
        (period["state"] == "in_force" and read_moment(period["from"]) < earliest)
        for period in now
        if period not in was
    ):
        raise ValueError("it counts from before that was said")


def _suspended(periods: Sequence[Period]) -> Period | None:
    last = without_end(periods)[-1]
    return last if last["state"] == "suspended" else None
