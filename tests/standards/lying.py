"""What a home might say of a recognition that its other side has not agreed to."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import copy, deepcopy
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from events.canonical import instant
from events.catalog import Change
from events.entry import Entry
from events.envelope import decode
from events.standards import RecognitionInForce, RecognitionRestored, RecognitionResumed
from events.text import FreeText
from services.standards.domain.consent import AGREE_COMMAND
from services.standards.models import Recognition
from shared.core.calendar import day_of
from shared.journal.entries import JournalRow
from shared.journal.progress import PARKED, ProgressRow
from tests.builders.cell import Cell
from tests.standards.given import given_body, given_certificate, given_standard, item, period, signature
from tests.standards.recognition import act, item_draft, pass_days, proposed, read, recognised

LONG_AGO = timedelta(days=3000)
REASON = {"reason": "核查"}


class Pair:
    """Sichuan, home of a recognition, and Chongqing; a certificate of Sichuan's under what is recognised."""

    def __init__(self, cell: Cell) -> None:
        self.cell, self.home, self.other = cell, cell.tenant("sichuan"), cell.tenant("chongqing")
        self.standard, self.number = self.certified()
        self.url = ""

    def certified(self) -> tuple[UUID, str]:
        standard = given_standard(self.cell, self.home)
        body = given_body(self.cell, self.home, standard)
        return standard, given_certificate(self.cell, self.home, body, standard=standard)

    def recognised(self, **changes: Any) -> Pair:
        made = recognised(self.cell, self.home, self.other, standard=self.standard, **{"mutual": True, **changes})
        self.url = f"/v1/recognitions/{made['id']}"
        return self

    @property
    def key(self) -> UUID:
        return UUID(self.url.rpartition("/")[2])

    def act(self, who: UUID, path: str, body: Any = None) -> None:
        answer = act(self.cell, who, f"{self.url}/{path}", body)
        assert answer["status"] == 200, answer

    def row(self) -> dict[str, Any]:
        """As its home has it."""
        with self.cell.session(self.home) as session:
            return deepcopy(dict(vars(session.one(Recognition, self.key))))

    def say(self, change: Change, **fields: Any) -> None:
        """A version that the home signs whatever stands in it."""
        with self.cell.session(self.home) as session:
            row = session.locked(Recognition, self.key)
            for name, value in fields.items():
                setattr(row, name, value)
            session.publish(row, change)
        self.cell.carry()

    def begin(self, **fields: Any) -> None:
        """A recognition that is in force from its first version, by the home's word."""
        since = self.now - timedelta(days=9)
        plain = {
            "state": "in_force", "title_zh": "互认清单", "title_en": None, "spells": [period("in_force", since)],
            "recogniser": self.home, "recognised": self.other, "mutual": True, "edition": 1, "consent": None,
            "items": [item(self.standard, since)], "pending": None, "ends_on": None, "ends": [], "suspended_by": None,
            "objections": [], "reason_digest": None,
        }  # fmt: skip
        with self.cell.session(self.home) as session:
            row = session.create(Recognition, parties=[self.home, self.other], **{**plain, **fields})
            session.publish(row, RecognitionInForce(edition=1, since=since))
            self.url = f"/v1/recognitions/{row.id}"
        self.cell.carry()

    def counts(self, number: str | None = None, **asked: str) -> bool:
        """Whether the other side accepts the certificate."""
        given = {"certificate": number or self.number, **asked}
        answer = self.cell.client(self.other).get("/v1/recognitions/check", query_string=given)
        assert answer.status_code == 200, answer.json
        return bool(answer.json["counts"])

    @property
    def now(self) -> Any:
        return self.cell.clock.now()

    def is_parked(self) -> bool:
        """Whether the other side has noticed."""
        with self.cell.session(self.other) as session:
            return bool(
                session.scalar(select(ProgressRow.status).where(ProgressRow.aggregate_id == self.key)) == PARKED
            )


def lie_nobody_signed(pair: Pair) -> None:
    pair.url = proposed(pair.cell, pair.home, pair.other, standard=pair.standard, mutual=True)
    pair.act(pair.home, "agree")
    conclude(pair, [])


def conclude(pair: Pair, signatures: list[dict[str, Any]]) -> None:
    """What is on the table comes into force with these signatures of the other side."""
    row, now = pair.row(), pair.now
    pending = row["pending"]
    consent = {"content_hash": pending["content_hash"], "starts_on": pending["starts_on"],
               "signatures": [*pending["signatures"], *signatures]}  # fmt: skip
    pair.say(
        RecognitionInForce(edition=pending["edition"], since=now), pending=None, consent=consent, state="in_force",
        edition=pending["edition"], spells=[*row["spells"], period("in_force", now)],
        items=[{**one, "from": instant(now), "until": None} for one in pending["items"]],
    )  # fmt: skip


def forged(change: Callable[[Pair, dict[str, Any]], dict[str, Any]]) -> Callable[[Pair], None]:
    """Concluded with a signature that is not quite the other side's."""

    def lie(pair: Pair) -> None:
        pair.url = proposed(pair.cell, pair.home, pair.other, standard=pair.standard, mutual=True)
        pair.act(pair.home, "agree")
        conclude(pair, [change(pair, pair.row()["pending"])])

    return lie


def given_by(pair: Pair, tenant: UUID, *, key: UUID, content_hash: str) -> dict[str, Any]:
    return signature(pair.cell, tenant, pair.home, asked=(AGREE_COMMAND, key), content_hash=content_hash)


def elsewhere(pair: Pair, pending: dict[str, Any]) -> dict[str, Any]:
    return given_by(pair, pair.other, key=uuid4(), content_hash=pending["content_hash"])


def for_another_list(pair: Pair, pending: dict[str, Any]) -> dict[str, Any]:
    return {**given_by(pair, pair.other, key=pair.key, content_hash="0" * 64), "content_hash": pending["content_hash"]}


def by_another(pair: Pair, pending: dict[str, Any]) -> dict[str, Any]:
    third = pair.cell.tenant("guizhou")
    made = given_by(pair, third, key=pair.key, content_hash=pending["content_hash"])
    return {**made, "tenant": str(pair.other)}


def altered(pair: Pair, pending: dict[str, Any]) -> dict[str, Any]:
    made = given_by(pair, pair.other, key=pair.key, content_hash=pending["content_hash"])
    made["command"]["document"]["actor"] = "another"
    return made


def lie_about_what_was_signed_for_a_replaced_list(pair: Pair) -> None:
    """The other side signs a list and then replaces it itself: its signature is void."""
    pair.recognised(items=[item_draft(given_standard(pair.cell, pair.home))])
    pair.act(pair.home, "editions", {"items": [item_draft(pair.standard)]})
    pair.act(pair.other, "agree")
    void = pair.row()["pending"]
    pair.act(pair.other, "editions", {"items": [item_draft(given_standard(pair.cell, pair.other))]})
    now = pair.now
    pair.say(
        RecognitionInForce(edition=2, since=now), edition=2, pending=None,
        items=[{**one, "from": instant(now), "until": None} for one in void["items"]],
        consent={name: void[name] for name in ("content_hash", "starts_on", "signatures")},
    )  # fmt: skip


def lie_that_the_list_is_longer(pair: Pair) -> None:
    pair.recognised(items=[item_draft(given_standard(pair.cell, pair.home))])
    more = item(pair.standard, pair.now - LONG_AGO)
    pair.say(RecognitionInForce(edition=1, since=pair.now), items=[*pair.row()["items"], more])


def lie_that_it_was_longer_once(pair: Pair) -> None:
    pair.recognised(items=[item_draft(given_standard(pair.cell, pair.home))])
    more = item(pair.standard, pair.now - LONG_AGO, until="2199-01-01T00:00:00.000000Z")
    pair.say(RecognitionInForce(edition=1, since=pair.now), items=[*pair.row()["items"], more])


def lie_that_it_has_begun(pair: Pair) -> None:
    pair.recognised(starts_on=str(day_of(pair.now) + timedelta(days=300)))
    since = pair.now - LONG_AGO
    items = [{**one, "from": instant(since)} for one in pair.row()["items"]]
    begun = {"state": "in_force", "spells": [period("in_force", since)], "items": items}
    pair.say(RecognitionInForce(edition=1, since=pair.now), **begun)


def lie_that_it_does_not_end(pair: Pair) -> None:
    pair.recognised(ends_on=str(day_of(pair.now) + timedelta(days=2)))
    pair.say(RecognitionResumed(), spells=[one for one in pair.row()["spells"] if one["state"] != "ended"])
    pass_days(pair.cell, 30)


def lie_that_an_older_list_holds_again(pair: Pair) -> None:
    pair.recognised()
    old = pair.row()
    pair.act(pair.other, "editions", {"items": [item_draft(given_standard(pair.cell, pair.home))]})
    for who in (pair.home, pair.other):
        pair.act(who, "agree")
    pair.cell.clock.advance(timedelta(seconds=5))
    fields = {name: old[name] for name in ("items", "consent", "edition")}
    pair.say(RecognitionInForce(edition=1, since=pair.now), **fields)


def lie_that_it_is_mutual(pair: Pair) -> None:
    """The other side says yes to what its neighbour recognises; its command is refused, and kept."""
    pair.url = proposed(pair.cell, pair.home, pair.other, standard=pair.standard, mutual=False)
    client = pair.cell.client(pair.other)
    assert client.post(f"{pair.url}/agree", read(client, pair.url)).status_code == 202
    messages = pair.cell.take_unsent()
    [command] = [one for one in (decode(message.value) for message in messages) if one.kind == "command"]
    pair.cell.deliver(messages)
    pair.cell.carry()
    pair.act(pair.home, "agree")
    consent = pair.row()["consent"]
    theirs = {**consent["signatures"][0], "tenant": str(pair.other),
              "command": {"document": dict(command.document), "signature": command.signature}}  # fmt: skip
    consent = {**consent, "signatures": [*consent["signatures"], theirs]}
    pair.say(RecognitionInForce(edition=1, since=pair.now), mutual=True, consent=consent)


def lie_that_the_others_end_was_a_mistake(pair: Pair) -> None:
    pair.recognised()
    pair.act(pair.other, "end", REASON)
    periods = [one for one in pair.row()["spells"] if one["state"] != "ended"]
    pair.say(RecognitionRestored(reason=FreeText("试")), state="in_force", ends=[], spells=periods)


def lie_that_the_other_resumed(pair: Pair) -> None:
    """With a command by which it did so once: its answer tells of which version that was."""
    pair.recognised()
    for name, body in (("suspend", REASON), ("resume", None), ("suspend", REASON)):
        pair.act(pair.other, name, body)
        pair.cell.clock.advance(timedelta(hours=1))
    resumed_by(pair, pair)


def lie_that_the_other_resumed_another(pair: Pair) -> None:
    """With a command by which it did so in another recognition."""
    pair.recognised()
    another = copy(pair)
    another.standard = given_standard(pair.cell, pair.home)
    another.recognised()
    pair.act(pair.other, "suspend", REASON)
    another.act(pair.other, "suspend", REASON)
    another.act(pair.other, "resume")
    pair.cell.clock.advance(timedelta(hours=1))
    resumed_by(pair, another)


def resumed_by(pair: Pair, told: Pair) -> None:
    """In force again, as the other side is said to have asked for, with its command to resume what was `told`."""
    with pair.cell.session(pair.home) as session:
        ours = JournalRow.aggregate_id == told.key, JournalRow.type == RecognitionResumed.type
        [kept] = session.scalars(select(JournalRow.entry).where(*ours))
    resumed = Entry.parse(json.loads(kept))
    with pair.cell.session(pair.home, acting_id=pair.other, command=resumed.command) as session:
        row = session.locked(Recognition, pair.key)
        row.state, row.suspended_by, row.spells = "in_force", None, [*row.spells, period("in_force", pair.now)]
        session.publish(row, RecognitionResumed())
    pair.cell.carry()


def lie_about_what_was_signed_before_it_was_proposed_anew(pair: Pair) -> None:
    """The other side signs a list, and then proposes the same anew itself, from a later day: so it thinks again."""
    pair.recognised(items=[item_draft(given_standard(pair.cell, pair.home))])
    wanted = {"items": [item_draft(pair.standard)]}
    pair.act(pair.home, "editions", wanted)
    pair.act(pair.other, "agree")
    void = pair.row()["pending"]
    pair.act(pair.other, "editions", wanted)
    before, now = pair.row()["items"], pair.now
    listed = [{**one, "from": instant(now), "until": None} for one in void["items"]]
    pair.say(
        RecognitionInForce(edition=2, since=now), edition=2, pending=None,
        items=[*({**one, "until": instant(now)} for one in before), *listed],
        consent={name: void[name] for name in ("content_hash", "starts_on", "signatures")},
    )  # fmt: skip


def concluded_alone(pair: Pair, *, since: Any, more: list[dict[str, Any]] | None = None) -> None:
    """All but the home have signed what is on the table; it signs, and says from when and what holds."""
    pair.act(pair.other, "agree")
    row = pair.row()
    pending = row["pending"]
    own = given_by(pair, pair.home, key=pair.key, content_hash=pending["content_hash"])
    listed = [{**one, "from": instant(since), "until": None} for one in pending["items"]]
    pair.say(
        RecognitionInForce(edition=1, since=since), edition=1, pending=None, items=[*listed, *(more or [])],
        spells=[*row["spells"], period("in_force", since)], state="in_force",
        consent={"content_hash": pending["content_hash"], "starts_on": pending["starts_on"],
                 "signatures": [*pending["signatures"], own]},
    )  # fmt: skip


def lie_that_it_begins_at_once(pair: Pair) -> None:
    start = str(day_of(pair.now) + timedelta(days=300))
    pair.url = proposed(pair.cell, pair.home, pair.other, standard=pair.standard, mutual=True, starts_on=start)
    concluded_alone(pair, since=pair.now)


def lie_that_more_was_signed(pair: Pair) -> None:
    pair.url = proposed(pair.cell, pair.home, pair.other, standard=given_standard(pair.cell, pair.home), mutual=True)
    now = pair.now
    concluded_alone(pair, since=now, more=[item(pair.standard, now)])


def lie_that_it_counts_again(pair: Pair) -> None:
    """The other side has suspended it; its home resumes it in its own name."""
    pair.recognised()
    pair.act(pair.other, "suspend", REASON)
    periods = [*pair.row()["spells"], period("in_force", pair.now)]
    pair.say(RecognitionResumed(), state="in_force", suspended_by=None, spells=periods)


def lie_by_way_of_one_sided(pair: Pair) -> None:
    """One-sided for a moment, in which the home may list what it likes."""
    pair.recognised(items=[item_draft(given_standard(pair.cell, pair.home))])
    more = [*pair.row()["items"], item(pair.standard, pair.now - LONG_AGO)]
    pair.say(RecognitionResumed(), mutual=False, items=more)
    pair.say(RecognitionResumed(), mutual=True)


LIES = {
    "nobody signed": lie_nobody_signed,
    "signed on another recognition": forged(elsewhere),
    "signed another list": forged(for_another_list),
    "another tenant signed": forged(by_another),
    "altered since": forged(altered),
    "a void signature": lie_about_what_was_signed_for_a_replaced_list,
    "a signature from before it was proposed anew": lie_about_what_was_signed_before_it_was_proposed_anew,
    "begins at once": lie_that_it_begins_at_once,
    "more was signed": lie_that_more_was_signed,
    "counts again": lie_that_it_counts_again,
    "by way of one-sided": lie_by_way_of_one_sided,
    "longer": lie_that_the_list_is_longer,
    "longer once": lie_that_it_was_longer_once,
    "has begun": lie_that_it_has_begun,
    "does not end": lie_that_it_does_not_end,
    "an older list": lie_that_an_older_list_holds_again,
    "mutual": lie_that_it_is_mutual,
    "the other's end undone": lie_that_the_others_end_was_a_mistake,
    "the other resumed": lie_that_the_other_resumed,
    "the other resumed another": lie_that_the_other_resumed_another,
}
