"""How the seed enters: as a machine client of each tenant, with a secret that lives for minutes."""

from __future__ import annotations

import time
from datetime import timedelta
from http import HTTPStatus
from uuid import UUID

import click
import httpx
from sqlalchemy import select

from deploy.signing_in import SignInError, tokens_of
from services.identity.commands.clients import add_secret, end_credential, register_client
from services.identity.domain.clients import Terms
from services.identity.models import Client as ClientRow
from services.identity.models import Credential
from shared.core.context import PLATFORM, machine_context
from shared.http.client import ApiClient
from shared.journal.session import Database

NAME = "seeding"
LIFE = timedelta(minutes=10)
DAILY = ("tenants:read", "parks:read", "parks:write", "organisations:read", "organisations:write")
OF_PLATFORM = ("tenants:read", "tenants:manage")


def entered(database: Database, tenant: UUID, *, code: str, patience: float) -> ApiClient:
    """A connection as the tenant's machine client; raises ClickException when it is not let in.

    For `patience` seconds 503 is asked again.
    """
    with database.session(machine_context(tenant, NAME)) as session:
        if session.get(ClientRow, (tenant, NAME)) is None:
            scopes = OF_PLATFORM if tenant == PLATFORM else DAILY
            register_client(
                session, NAME, terms=Terms(label="演示数据 / Demonstration data", client_kind="machine", scopes=scopes)
            )
        mine = select(Credential.id).where(Credential.client == NAME, Credential.ended_at.is_(None))
        for earlier in session.scalars(mine).all():
            end_credential(session, NAME, credential=earlier)
        secret = add_secret(session, NAME, expires_at=session.clock.now() + LIFE).secret
        if secret is None:
            raise LookupError("a secret was asked for")
    settings, until = database.settings, time.monotonic() + patience
    # A tenant made a moment ago has no key for tokens until its worker has heard of it: 503.
    url, form = f"{settings.issuer}/oauth/token", {"grant_type": "client_credentials"}
    while True:
        answer = httpx.post(url, auth=(f"{code}.{NAME}", secret), timeout=30, data=form)
        if answer.status_code != HTTPStatus.SERVICE_UNAVAILABLE or time.monotonic() > until:
            break
        time.sleep(0.2)
    try:
        return ApiClient(settings.web, tokens_of(answer).access, patience)
    except SignInError as error:
        raise click.ClickException(f"{code}.{NAME} 未能进入 / was not let in: {error}") from error
