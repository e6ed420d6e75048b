"""Access tokens: everything about one must hold, or it is nobody's."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from joserfc.jwk import OKPKey
from nacl.signing import VerifyKey

from shared.core.clock import Clock
from shared.http.requests.tokens import (
    FRESH_SECONDS,
    LEEWAY,
    Claims,
    IssuerKey,
    UnauthenticatedError,
    Verifier,
    check_fresh,
)
from tests.builders.cell import Cell
from tests.builders.tokens import Forge, corpus

ISSUER, AUDIENCE = "https://issuer.example", "https://api.example"


def forge(tenant: UUID | None = None) -> Forge:
    return Forge(ISSUER, AUDIENCE, tenant or uuid4(), OKPKey.generate_key("Ed25519", {"kid": uuid4().hex[:16]}))


def verifier(*keys: IssuerKey, clock: Clock | None = None) -> Verifier:
    return Verifier(ISSUER, AUDIENCE, lambda: keys, clock or Clock())


def test_a_token_of_the_issuer_is_believed() -> None:
    ours = forge()
    claims = verifier(ours.published()).claims(ours.token(sid="s1", org=str(ours.tenant)))
    assert (claims.tenant_id, claims.subject, claims.scopes) == (ours.tenant, "official-1", frozenset({"parks:read"}))
    assert (claims.session, claims.organisation_id, claims.roles) == ("s1", ours.tenant, ("observer",))
    assert verifier(ours.published()).claims(ours.token(aud=[AUDIENCE])).subject == "official-1"


def test_every_bad_token_of_the_corpus_is_refused() -> None:
    ours, theirs = forge(), forge()
    both = verifier(ours.published(), theirs.published())
    for name, token in corpus(ours, theirs).items():
        with pytest.raises(UnauthenticatedError) as refused:
            pytest.fail(f"believed: {name}, {both.claims(token)}")
        assert refused.value.challenge == 'error="invalid_token"', name
    assert both.claims(ours.token()).tenant_id == ours.tenant


def test_no_tenants_key_stands_in_for_another_tenants_or_breaks_it() -> None:
    ours, theirs = forge(), forge()
    shadow = replace(theirs.published(), jwk={**theirs.published().jwk, "kid": ours.published().id})
    copy = replace(ours.published(), tenant=theirs.tenant)
    broken = replace(theirs.published(), jwk={**theirs.published().jwk, "x": "x"})
    crowd = verifier(broken, ours.published(), shadow, copy, broken)
    assert crowd.claims(ours.token()).tenant_id == ours.tenant
    with pytest.raises(UnauthenticatedError):
        crowd.claims(theirs.token({"kid": ours.published().id}, tenant=str(ours.tenant)))


def test_a_token_ends_with_its_time_and_with_its_key() -> None:
    ours, clock = forge(), Clock()
    token = ours.token()
    ended = clock.now() + timedelta(seconds=20)
    retired = IssuerKey(ours.published().jwk, ours.tenant, ended)
    assert verifier(retired, clock=clock).claims(token)
    clock.advance(timedelta(seconds=20 + LEEWAY + 1))
    assert verifier(ours.published(), clock=clock).claims(token)
    with pytest.raises(UnauthenticatedError):
        verifier(retired, clock=clock).claims(token)
    clock.advance(timedelta(seconds=60))
    with pytest.raises(UnauthenticatedError):
        verifier(ours.published(), clock=clock).claims(token)


def test_an_unknown_key_is_looked_up_at_once() -> None:
    first, second = forge(), forge()
    listed = [first.published()]
    growing = Verifier(ISSUER, AUDIENCE, lambda: list(listed), Clock())
    assert growing.claims(first.token())
    with pytest.raises(UnauthenticatedError):
        growing.claims(second.token())
    listed.append(second.published())
    assert growing.claims(second.token())


def test_a_signature_is_proven_once_and_counts_as_long_as_its_key_is_published(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, clock, proven = forge(), Clock(), []
    listed = [ours.published()]
    knowing = Verifier(ISSUER, AUDIENCE, lambda: list(listed), clock)
    verify = VerifyKey.verify
    monkeypatch.setattr(VerifyKey, "verify", lambda *given: proven.append(given) or verify(*given))
    token = ours.token()
    assert knowing.claims(token) == knowing.claims(token)
    assert len(proven) == 1
    head, payload, signature = token.split(".")
    for forged in (
        f"{head}.{payload}.{signature[:-8]}AAAAAAAA",
        f"{head}.{payload}.",
        f"{head}.{payload[:-2]}AA.{signature}",
    ):
        with pytest.raises(UnauthenticatedError):
            knowing.claims(forged)
    for published in (
        [replace(forge(ours.tenant).published(), jwk={**forge().published().jwk, "kid": ours.published().id})],
        [],
    ):
        listed[:] = published
        knowing.refresh(float("inf"))
        with pytest.raises(UnauthenticatedError):
            knowing.claims(token)
    listed[:] = [ours.published()]
    knowing.refresh(float("inf"))
    assert knowing.claims(token)
    clock.advance(timedelta(seconds=60 + LEEWAY + 1))
    with pytest.raises(UnauthenticatedError):
        knowing.claims(token)


def test_signing_needs_a_second_factor_of_the_last_ten_minutes() -> None:
    now = Clock().now()

    def given(seconds: int | None) -> Claims:
        at = None if seconds is None else now - timedelta(seconds=seconds)
        return Claims(subject="x", tenant_id=uuid4(), scopes=frozenset(), organisation_id=None, client_id="c",
                      issued_at=now, second_factor_at=at)  # fmt: skip

    check_fresh(given(FRESH_SECONDS), "parks:sign", now=now)
    check_fresh(given(None), "parks:read", now=now)
    for old in (None, FRESH_SECONDS + LEEWAY + 1):
        with pytest.raises(UnauthenticatedError) as refused:
            check_fresh(given(old), "parks:sign", now=now)
        assert 'error="insufficient_user_authentication"' in refused.value.challenge


def test_a_missing_scope_is_403_and_a_missing_token_401(cell: Cell, sichuan: UUID) -> None:
    observer = cell.client(sichuan, "observer")
    assert observer.get("/v1/parks").status_code == 200
    refused = observer.post("/v1/parks", {})
    assert (refused.status_code, refused.json["code"]) == (403, "scope_missing")
    missing = cell.app.test_client().get("/v1/parks")
    assert (missing.status_code, missing.headers["WWW-Authenticate"]) == (401, 'Bearer realm="xietong"')
