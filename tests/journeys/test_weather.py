"""Bad weather between home and its parties: whatever is lost, doubled, late or out of order, copies end up equal."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from events.canonical import canonical, digest
from services.parks.models import Agreement, Park
from shared.database.rows import state_of
from shared.evidence import journal_file
from shared.journal.entries import JournalRow
from shared.journal.progress import ProgressRow
from shared.messaging.relay import Unsent
from shared.replication.progress import HeldRow
from tests.builders.cell import Cell, fair
from tests.builders.officials import active, agreement_draft, drafted, park_draft, sign, terms
from tests.builders.sizes import seeds, size, soak

MakeWeather = Callable[[random.Random], Callable[[list[Unsent]], list[Unsent]]]


def lossy(rng: random.Random) -> Callable[[list[Unsent]], list[Unsent]]:
    """A third of all messages is lost."""
    return lambda messages: [message for message in messages if rng.random() > 0.33]


def doubling(rng: random.Random) -> Callable[[list[Unsent]], list[Unsent]]:
    """Messages come up to three times, also long after."""
    seen: list[Unsent] = []

    def weather(messages: list[Unsent]) -> list[Unsent]:
        seen.extend(messages)
        return [again for message in messages for again in [message, *rng.sample(seen, min(2, len(seen)))]]

    return weather


def shuffling(rng: random.Random) -> Callable[[list[Unsent]], list[Unsent]]:
    """Messages overtake each other."""
    return lambda messages: rng.sample(messages, len(messages))


def delaying(rng: random.Random) -> Callable[[list[Unsent]], list[Unsent]]:
    """Some messages are kept back until later ones have passed."""
    kept: list[Unsent] = []

    def weather(messages: list[Unsent]) -> list[Unsent]:
        pool = [*kept, *messages]
        kept.clear()
        for message in list(pool):
            if rng.random() < 0.4:
                pool.remove(message)
                kept.append(message)
        return pool

    return weather


def everything(rng: random.Random) -> Callable[[list[Unsent]], list[Unsent]]:
    """All of it at once."""
    parts = [make(rng) for make in (delaying, doubling, shuffling, lossy)]

    def weather(messages: list[Unsent]) -> list[Unsent]:
        for part in parts:
            messages = part(messages)
        return messages

    return weather


def act_at_random(cell: Cell, rng: random.Random, url: str, parties: list[UUID]) -> None:
    """Any party does something that may or may not be possible now."""
    client = cell.client(rng.choice(parties))
    revisions = client.get(f"{url}/agreements").json["items"]
    revision = f"{url}/agreements/{revisions[0]['revision']}" if revisions else None
    choices: list[Callable[[], Any]] = [
        lambda: client.patch(url, {"sectors": [f"行业{rng.randrange(1000)}"]}),
        lambda: client.post(f"{url}/agreements", agreement_draft(*parties)),
        lambda: client.post(f"{url}/suspend", {"reason": "检查"}),
        lambda: client.post(f"{url}/resume"),
    ]
    if revision:
        content = revisions[0]["content_hash"]
        amended = {"terms": terms(*parties, base_year=rng.randrange(2000, 2020))}
        choices += [
            lambda: client.post(f"{revision}/sign", {"content_hash": content}),
            lambda: client.post(f"{revision}/sign", {"content_hash": content}),
            lambda: client.patch(revision, amended),
            lambda: client.post(f"{revision}/refuse", {"reason": "不同意"}),
        ]
    answer = rng.choice(choices)()
    assert answer.status_code in (200, 201, 202, 403, 409, 412), answer.json


def calm(cell: Cell, *parties: UUID) -> None:
    """The weather clears: messages flow and what is missing is asked for again."""
    for _round in range(12):
        cell.carry(fair)
        cell.clock.advance(timedelta(seconds=6))
        cell.sweep(*parties)
    cell.carry(fair)


def copies(cell: Cell, kind: type[Park | Agreement], tenant: UUID, park: UUID) -> dict[UUID, tuple[str, str]]:
    """Version and content of what a tenant holds of a park."""
    key = Park.id if kind is Park else Agreement.park_id
    with cell.session(tenant) as session:
        rows = session.scalars(select(kind).where(key == park))
        return {row.id: (row.etag, digest(canonical(state_of(row)))) for row in rows}


def assert_in_step(cell: Cell, park: UUID, parties: list[UUID]) -> None:
    """Every copy equals home's, nothing waits, every journal is gapless and verifies with public keys alone."""
    for kind in (Park, Agreement):
        assert [copies(cell, kind, party, park) for party in parties[1:]] == [
            copies(cell, kind, parties[0], park) for _ in parties[1:]
        ]
    aggregates = [*copies(cell, Park, parties[0], park), *copies(cell, Agreement, parties[0], park)]
    heads = []
    for party in parties:
        with cell.session(party) as session:
            assert not session.scalars(select(HeldRow)).all()
            assert {row.status for row in session.scalars(select(ProgressRow))} == {"in_step"}
            proven = journal_file.verify(journal_file.export(session, aggregates), cell.settings.platform_key)
        assert all(item.first == 1 for item in proven)
        heads.append({item.aggregate: (item.last, item.head) for item in proven})
    assert all(head == heads[0] for head in heads)


@soak
@pytest.mark.parametrize("seed", seeds(1, 4))
@pytest.mark.parametrize(
    ("make", "steps"),
    [(each, size(8, 12)) for each in (lossy, doubling, shuffling, delaying)] + [(everything, size(20, 30))],
)
def test_copies_are_equal_after_any_weather(cell: Cell, make: MakeWeather, steps: int, seed: int) -> None:
    rng = random.Random(seed)
    parties = [cell.tenant(name) for name in ("sichuan", "chongqing", "chengyu")]
    url = drafted(cell, *parties)
    weather = make(rng)
    for _step in range(steps):
        act_at_random(cell, rng, url, parties)
        cell.deliver(weather(cell.take_unsent()))
    calm(cell, *parties)
    assert_in_step(cell, UUID(url.split("/")[-1]), parties)


def test_a_lost_last_entry_is_noticed(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    url = drafted(cell, sichuan, chongqing)
    assert cell.client(sichuan).patch(url, {"sectors": ["芯片"]}).status_code == 200
    cell.take_unsent()
    assert cell.client(chongqing).get(url).json["sectors"] != ["芯片"]
    calm(cell, sichuan, chongqing)
    assert cell.client(chongqing).get(url).json["sectors"] == ["芯片"]


def test_a_party_that_joins_later_knows_from_its_first_version_on(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    guizhou = cell.tenant("guizhou")
    url = drafted(cell, sichuan, chongqing)
    parties = park_draft(sichuan, chongqing, guizhou)["parties"]
    assert cell.client(guizhou).get(url).status_code == 404
    assert cell.client(sichuan).patch(url, {"parties": parties}).status_code == 200
    cell.carry()
    assert cell.client(guizhou).get(url).headers["ETag"] == '"1.2"'
    with cell.session(guizhou) as session:
        assert session.scalar(select(ProgressRow.since_version).where(ProgressRow.kind == "parks.park")) == 2


def test_a_party_that_leaves_learns_it_and_hears_no_more(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    guizhou = cell.tenant("guizhou")
    url = drafted(cell, sichuan, chongqing, guizhou)
    home = cell.client(sichuan)
    assert home.patch(url, {"parties": park_draft(sichuan, chongqing)["parties"]}).status_code == 200
    cell.carry()
    assert home.patch(url, {"sectors": ["秘密"]}).status_code == 200
    cell.carry()
    kept = cell.client(guizhou).get(url)
    assert kept.headers["ETag"] == '"1.2"'
    assert kept.json["allowed_actions"] == []
    with cell.session(guizhou) as session:
        assert session.scalar(select(JournalRow.version).order_by(JournalRow.version.desc())) == 2


def test_a_command_delivered_twice_has_one_effect_and_one_answer(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    url = active(cell, sichuan, chongqing)
    before = cell.client(sichuan).get(url).headers["ETag"]
    pending = cell.client(chongqing).post(f"{url}/suspend", {"reason": "检查"})
    messages = cell.take_unsent()
    cell.deliver([*messages, *messages])
    cell.carry()
    after = cell.client(sichuan).get(url).headers["ETag"]
    assert int(after.strip('"').split(".")[1]) == int(before.strip('"').split(".")[1]) + 1
    assert cell.client(chongqing).get(pending.headers["Location"]).json["state"] == "done"


def test_an_expired_command_is_refused_by_home(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    url = active(cell, sichuan, chongqing)
    pending = cell.client(chongqing).post(f"{url}/suspend", {"reason": "检查"})
    messages = cell.take_unsent()
    cell.clock.advance(timedelta(seconds=cell.settings.command_seconds + 1))
    cell.deliver(messages)
    cell.carry()
    shown = cell.client(chongqing).get(pending.headers["Location"]).json
    assert (shown["state"], shown["problem"]["code"]) == ("expired", "command_expired")
    assert cell.client(sichuan).get(url).json["state"] == "active"


def test_signatures_count_only_together(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    url = active(cell, sichuan, chongqing)
    assert sign(cell.client(sichuan), url).json["code"] == "action_not_allowed"
