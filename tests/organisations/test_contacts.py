"""Contacts: personal data that is sealed, exported on request, and erased without a trace."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from cryptography.exceptions import InvalidTag
from psycopg import sql
from sqlalchemy import select

from services.organisations.models import Contact
from services.registry import MIGRATED
from shared.database.answers import IdempotencyRow
from shared.evidence.audit import AuditInbox
from tests.organisations.builders import registered, representative

ALL = "/v1/organisations"


def person(**changes):
    mark = uuid4().hex[:10]
    made = {
        "name": f"欧阳{mark}", "title": "总经理", "phone": f"139-{mark}", "email": f"{mark}@example.cn",
        "note": f"备注{mark}",
    }  # fmt: skip
    return {**made, **changes}


@pytest.fixture
def official(cell, sichuan):
    return cell.client(sichuan)


def people(official, **changes):
    return f"{ALL}/{registered(official, **changes)['id']}/contacts"


def traces(settings, *needles):
    """Every place of the cell's database and files in which one of the needles stands, as text or as bytes."""
    found = []
    with psycopg.connect(settings.url("owner"), autocommit=True) as owner:
        tables = owner.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname = ANY (%s)", [["shared", *MIGRATED]]
        ).fetchall()
        for schema, table in tables:
            name = sql.Identifier(schema, table)
            owner.execute(sql.SQL("ALTER TABLE {} NO FORCE ROW LEVEL SECURITY").format(name))
            for row in owner.execute(sql.SQL("SELECT * FROM {}").format(name)):
                whole = b"".join(item if isinstance(item, bytes) else str(item).encode() for item in row)
                if any(needle.encode() in whole for needle in needles):
                    found.append(f"{schema}.{table}")
            owner.execute(sql.SQL("ALTER TABLE {} FORCE ROW LEVEL SECURITY").format(name))
    files = [path for path in Path(settings.files).rglob("*") if path.is_file()]
    return found + [str(path) for path in files if any(needle.encode() in path.read_bytes() for needle in needles)]


def test_a_contact_is_shown_to_those_who_may_see_persons_and_sealed_at_rest(cell, sichuan, official):
    url, who = people(official), person()
    answer = official.post(url, who)
    assert answer.status_code == 201, answer.json
    assert {name: answer.json[name] for name in who} == who
    assert official.get(answer.headers["Location"]).json == answer.json
    listed = official.get(url).json
    assert {**listed["items"][0], "names": listed["names"]} == answer.json
    assert cell.client(sichuan, "clerk").get(url).status_code == 403
    assert cell.client(sichuan, "observer").get(answer.headers["Location"]).status_code == 403
    assert traces(cell.settings, *who.values()) == []


def test_what_was_answered_is_not_kept_for_repeated_requests(cell, sichuan, official):
    url, who = people(official), person()
    key = {"Idempotency-Key": uuid4().hex}
    first = official.post(url, who, headers=dict(key)).json
    again = official.post(url, who, headers=dict(key))
    assert (again.status_code, again.json["id"], again.json["name"]) == (201, first["id"], None)
    with cell.session(sichuan) as session:
        assert all(who["name"] not in str(row.answer) for row in session.scalars(select(IdempotencyRow)))


def test_what_changes_replaces_what_was(official):
    url, who = people(official), person()
    one = official.post(url, who).headers["Location"]
    changed = official.patch(one, {"phone": "138", "note": None}).json
    assert (changed["name"], changed["phone"], changed["note"]) == (who["name"], "138", None)
    assert official.patch(one, {}).status_code == 422
    assert official.patch(one, {"email": "nonsense"}).status_code == 422


def test_a_person_gets_all_that_is_held_on_them(official):
    url, who = people(official), person()
    one = official.post(url, who).headers["Location"]
    export = official.get(f"{one}/export")
    assert (export.status_code, export.json["person"]) == (200, who)
    assert "45" in export.json["law"]


def test_after_erasure_nothing_of_the_person_is_left_but_the_record_that_it_was_erased(cell, sichuan, official):
    url, who = people(official), person()
    one = official.post(url, who).headers["Location"]
    official.patch(one, {"title": who["note"]})
    official.get(f"{one}/export")
    key = one.rsplit("/", 1)[1]
    answer = official.post(f"{one}/erase")
    assert (answer.status_code, answer.json["id"]) == (200, key)
    assert official.get(one).status_code == 404
    cell.carry()
    cell.sweep(sichuan)
    assert traces(cell.settings, *(value for value in who.values() if value != "总经理")) == []
    assert not [place for place in traces(cell.settings, key) if place not in AFTERWARDS]


AFTERWARDS = ("shared.audit_log", "shared.idempotency", "shared.audit_inbox")
"""Where the id of an erased contact may still stand; an id alone says nothing of a person."""


def test_every_look_and_erasure_is_written_down_with_ids_alone(cell, sichuan, official):
    url, who = people(official), person()
    one = official.post(url, who).headers["Location"]
    official.get(f"{one}/export")
    official.post(f"{one}/erase")
    assert official.post(f"{one}/erase").status_code == 404
    with cell.session(sichuan) as session:
        records = list(session.scalars(select(AuditInbox.record).order_by(AuditInbox.id)))[1:]
    key = one.rsplit("/", 1)[1]
    acts = [(item["act"].rsplit(".", 1)[1], item["outcome"]) for item in records]
    assert acts == [("added", "done"), ("exported", "done"), ("erased", "done"), ("erased", "refused")]
    assert (records[0]["subject"], records[2]["subject"]) == (key, key)
    assert not any(value in json.dumps(records, ensure_ascii=False) for value in who.values())


def test_a_representative_keeps_the_contacts_of_one_organisation(cell, sichuan, official):
    mine, other = registered(official), registered(official)
    person_ = representative(cell, sichuan, organisation=mine["id"])
    made = person_.post(f"{ALL}/{mine['id']}/contacts", person())
    assert made.status_code == 201, made.json
    theirs = official.post(f"{ALL}/{other['id']}/contacts", person()).json["id"]
    assert len(person_.get(f"{ALL}/{mine['id']}/contacts").json["items"]) == 1
    assert person_.get(f"{ALL}/{other['id']}/contacts").status_code == 404
    assert person_.get(f"{ALL}/{mine['id']}/contacts/{theirs}").status_code == 404
    assert person_.post(f"{made.headers['Location']}/erase").status_code == 200


def test_a_sealed_contact_opens_nowhere_but_in_its_own_row(cell, sichuan, official):
    url = people(official)
    for _ in range(2):
        official.post(url, person())
    with cell.session(sichuan) as session:
        one, other = session.scalars(select(Contact).order_by(Contact.id))
        session.expunge_all()
    one.sealed, other.sealed = other.sealed, one.sealed
    for row in (one, other):
        with pytest.raises(InvalidTag):
            row.person(cell.database.keyring.vault)


def test_contacts_come_in_pages(official):
    url = people(official)
    made = {official.post(url, person()).json["id"] for _ in range(3)}
    first = official.get(f"{url}?limit=2").json
    rest = official.get(f"{url}?limit=2&cursor={first['next']}").json
    assert {item["id"] for item in [*first["items"], *rest["items"]]} == made
    assert official.get(f"{url}?cursor=bm9uZQ").status_code == 422
