"""What a service declares once of a thing's history: two pages for people, and the evidence that is exported of it."""

from __future__ import annotations

import base64
import json
from uuid import UUID, uuid4

import pytest
from click.testing import CliRunner

from deploy.command_line.operating import journal
from events.entry import Position
from shared.core.context import PLATFORM
from shared.core.derived_keys import derived_public_key
from shared.core.errors import NotFoundError
from shared.evidence import journal_file
from shared.evidence.histories import evidence_of
from shared.http import journals
from shared.http.lists.history import DeliveryView
from shared.journal.entries import JournalRow
from shared.replication.delivery import delivery, lag
from tests.builders.cell import Cell
from tests.builders.officials import active
from tests.builders.parks import bare_park


@pytest.fixture
def park(cell: Cell, sichuan: UUID, chongqing: UUID) -> UUID:
    """A park of both whose agreement is in force."""
    return UUID(active(cell, sichuan, chongqing).split("/")[-1])


def test_evidence_of_a_thing_covers_its_parts(cell, sichuan, chongqing, park):
    for tenant in (sichuan, chongqing):
        with cell.session(tenant) as session:
            first, *parts = evidence_of(session, park)
            assert (first, len(parts)) == (park, 1)
            # Nobody declared a history of revisions: one's own journal proves it.
            assert evidence_of(session, parts[0]) == parts


def test_evidence_of_what_a_tenant_does_not_know_is_not_found(cell, park):
    with cell.session(cell.tenant("yunnan")) as session:
        for key in (park, uuid4()):
            with pytest.raises(NotFoundError):
                evidence_of(session, key)


def test_a_part_whose_home_is_elsewhere_shows_ones_own_progress(cell, sichuan, chongqing):
    with cell.session(sichuan) as session:
        ours = bare_park(session, [chongqing])
    with cell.session(chongqing) as session:
        theirs = bare_park(session, [sichuan])
    cell.carry()
    with cell.session(sichuan) as session:
        rows = [session.one(type(ours), key) for key in (ours.id, theirs.id)]
        shown = DeliveryView().dump(delivery(session, rows))
    assert (shown["home"], shown["complete"]) == (str(sichuan), False)
    both = {str(sichuan), str(chongqing)}
    assert [{party["tenant"] for party in item["parties"]} for item in shown["aggregates"]] == [both, {str(sichuan)}]
    assert {party["status"] for item in shown["aggregates"] for party in item["parties"]} == {"applied"}


@pytest.mark.parametrize(
    ("wanted", "reached", "expected"),
    [
        (Position(1, 3), Position(1, 1), 2),
        (Position(1, 3), Position(1, 4), 0),
        (Position(1, 3), None, 3),
        (Position(2, 3), Position(1, 9), 3),
    ],
)
def test_the_lag_counts_versions_and_all_of_them_after_a_restore(wanted, reached, expected):
    assert lag(wanted, reached=reached) == expected


def test_a_cursor_with_a_number_that_no_column_holds_is_refused(cell, sichuan, park):
    given = json.dumps(["2026-07-01T00:00:00.000000Z", 1, 2**31, str(park)])
    cursor = base64.urlsafe_b64encode(given.encode()).decode().rstrip("=")
    answer = cell.client(sichuan).get(f"/v1/parks/{park}/timeline?cursor={cursor}")
    assert (answer.status_code, answer.json["code"]) == (422, "cursor_invalid")


@pytest.mark.usefixtures("environment")
def test_the_operator_exports_a_thing_by_its_id_and_verifies_it(cell, sichuan, park, tmp_path):
    with cell.session(sichuan) as session:
        code = session.directory.listing(session, sichuan).code
        entries = session.query(JournalRow).filter(JournalRow.aggregate_id == park).count()
    file = str(tmp_path / "journal.json")
    tenant = ["--tenant", code]
    done = CliRunner().invoke(journal, ["export", *tenant, "--aggregate", str(park), "--output", file])
    assert done.exit_code == 0, done.output
    told = CliRunner().invoke(journal, ["verify", file]).output
    name = cell.client(sichuan).get(f"/v1/parks/{park}").json["name_zh"]
    assert f"parks.park {name} {park}  1–{entries}" in told
    assert "parks.agreement" in told
    unknown = CliRunner().invoke(journal, ["export", *tenant, "--aggregate", str(uuid4())])
    assert (unknown.exit_code, "There is no journal" in unknown.output) == (1, True)


def auditor(cell: Cell, tenant: UUID):
    return cell.client(tenant, "audit_administrator", subject="auditor-1")


def test_a_journal_exported_by_the_api_is_proven_by_the_key_that_is_served(cell, sichuan, chongqing, park, tmp_path):
    pinned = cell.app.test_client().get("/v1/public/platform-key").json
    assert (pinned["public"], pinned["platform"]) == (cell.settings.platform_key, str(PLATFORM))
    for tenant in (sichuan, chongqing):
        answer = auditor(cell, tenant).get(f"/v1/journals/{park}")
        assert (answer.status_code, answer.mimetype) == (200, "application/json")
        file = tmp_path / f"{tenant}.json"
        file.write_bytes(answer.data)
        assert [item.kind for item in journal_file.verify(journal_file.opened(file), pinned["public"])] == [
            "parks.park", "parks.agreement",
        ]  # fmt: skip
        told = CliRunner().invoke(journal, ["verify", str(file)], env={"XIETONG_PLATFORM_KEY": pinned["public"]})
        assert (told.exit_code, "Trusted" in told.output) == (0, False), told.output
        other = derived_public_key(b"x" * 32, "platform")
        told = CliRunner().invoke(journal, ["verify", str(file), "--platform-key", other])
        assert told.exit_code == 1
    cell.sweep(sichuan)
    (record,) = auditor(cell, sichuan).get(f"/v1/audit?act=api.journal.exported&subject={park}").json["items"]
    assert (record["outcome"], record["actor"]) == ("done", "auditor-1")


def test_a_journal_is_exported_by_those_with_the_right_of_what_is_theirs_and_within_bounds(
    cell, sichuan, park, monkeypatch
):
    assert cell.client(sichuan, "observer").get(f"/v1/journals/{park}").json["code"] == "scope_missing"
    stranger = cell.tenant("yunnan")
    assert auditor(cell, stranger).get(f"/v1/journals/{park}").status_code == 404
    cell.sweep(stranger)
    (refusal,) = auditor(cell, stranger).get("/v1/audit?act=api.journal.exported").json["items"]
    assert (refusal["outcome"], refusal["reason"], refusal["subject"]) == ("refused", "not_found", str(park))
    monkeypatch.setattr(journals, "LARGEST", 1000)
    assert auditor(cell, sichuan).get(f"/v1/journals/{park}").json["code"] == "journal_too_large"
