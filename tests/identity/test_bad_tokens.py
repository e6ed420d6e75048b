"""The corpus of bad tokens at a real route: all are 401, and nothing is answered."""

from __future__ import annotations

import json
from uuid import UUID

from sqlalchemy import select

from services.identity.commands.keys import token_signer
from services.identity.commands.tokens import signed
from shared.core.context import PLATFORM
from shared.evidence.audit import AuditInbox
from tests.builders.cell import Cell
from tests.builders.oauth import make_client, official, tokens_for, use
from tests.builders.tokens import Forge, corpus


def forge(cell: Cell, tenant: UUID) -> Forge:
    with cell.session(tenant) as session:
        signer = token_signer(session)
    return Forge.of(signer, tenant, issuer=cell.settings.issuer, audience=cell.settings.audience)


def test_every_bad_token_is_refused_and_the_good_one_is_not(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    ours, theirs = forge(cell, sichuan), forge(cell, chongqing)
    assert use(cell, ours.token()).status_code == 200
    bad = corpus(ours, theirs)
    assert len(bad) >= 60
    answers = {name: use(cell, token.encode().decode("latin-1")) for name, token in bad.items()}
    assert [name for name, answer in answers.items() if answer.status_code != 401] == []
    assert all(answer.content_type == "application/problem+json" for answer in answers.values())
    assert {answer.headers["WWW-Authenticate"].partition(",")[0] for answer in answers.values()} == {
        'Bearer realm="xietong"'
    }
    assert use(cell, ours.token()).status_code == 200


def test_no_other_thing_of_ours_passes_for_an_access_token(cell: Cell, sichuan: UUID) -> None:
    tokens = tokens_for(make_client(cell, sichuan), official(cell, sichuan))
    assert use(cell, tokens["access_token"]).status_code == 200
    with cell.session(sichuan) as session:
        claims = forge(cell, sichuan).body()
        look_alike = signed(session, claims, kind="JWT")
    for thing in (tokens["id_token"], tokens["refresh_token"], look_alike):
        assert use(cell, thing).status_code == 401


def test_refused_tokens_are_written_down_without_the_token(cell: Cell, sichuan: UUID) -> None:
    token = forge(cell, sichuan).token(exp=1)
    assert use(cell, token).status_code == 401
    with cell.session(PLATFORM) as session:
        records = list(session.scalars(select(AuditInbox.record)))
    assert any(record["act"] == "api.token.refused" for record in records)
    assert token not in json.dumps(records)
