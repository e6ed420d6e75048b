"""A tenant's own cell makes its keys: what the tenants service makes of its own events."""

from __future__ import annotations

from events.tenants import TenantCreated, TenantKeyEnrolled, TenantKeyRequested, TenantReactivated
from services.tenants.commands import enrol_key, possession
from services.tenants.models import Tenant
from shared.commands.forwarding import forward
from shared.commands.handlers import ReceivedEvent, handles, react_now
from shared.commands.registry import command_of
from shared.core.context import PLATFORM
from shared.journal.session import Session
from shared.keys.directory import key_id
from shared.keys.keyring import SigningKey, cell_signer
from shared.replication.receipts import report_unsaid


@handles(TenantCreated)
@handles(TenantKeyRequested)
def make_key(session: Session, received: ReceivedEvent[TenantCreated]) -> None:
    """Make a key and ask the platform, vouched for by this cell, to list its public half."""
    tenant = session.context.tenant_id
    if tenant == PLATFORM or tenant != received.entry.aggregate:
        return
    public = session.keyring.make(session)
    session.flush()
    proof = session.keyring.signer_named(session, key_id(public)).sign(possession(tenant, public))
    row, cell = session.one(Tenant, tenant), cell_signer(session.settings)
    forward(session, command_of(enrol_key), row=row, arguments={"public": public, "proof": proof}, by=cell)


@handles(TenantKeyEnrolled)
def activate_key(session: Session, received: ReceivedEvent[TenantKeyEnrolled]) -> None:
    """Sign with the new key from now on, receipts of what came before it first: the directory lists it."""
    row = session.get(SigningKey, (session.context.tenant_id, received.change.key))
    if row is not None and row.active_at is None:
        row.active_at = session.clock.now()
        session.flush()
        report_unsaid(session)


@handles(TenantReactivated)
def hear_what_was_missed(session: Session, received: ReceivedEvent[TenantReactivated]) -> None:
    """Run what was broadcast while the tenant was suspended."""
    if session.context.tenant_id == received.entry.aggregate:
        react_now(session)
