"""Authorization codes: written once, redeemed once."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid4

from authlib.oauth2.rfc6749 import AuthorizationCodeMixin
from sqlalchemy import delete, update

from services.identity.domain.grants import Approval, GrantRefusedError, GrantReusedError
from services.identity.domain.keys import CODE_LIFE, RETIRED_LIFE
from services.identity.models import Code
from shared.core.secrets import hashed
from shared.journal.session import Session


@dataclass(frozen=True, kw_only=True)
class CodeRequest(AuthorizationCodeMixin):  # type: ignore[misc]
    """What a code stands for; `code_challenge` is of method S256 always."""

    approval: Approval
    redirect_uri: str
    code_challenge: str
    nonce: str | None
    family: UUID
    code_challenge_method: str = "S256"

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.approval.scope


def save_code(session: Session, code: str, *, client_id: str, asked: CodeRequest) -> None:
    """Keep a new code, as a hash; those long gone are forgotten."""
    now = session.clock.now()
    request = {
        "approval": asked.approval.document(),
        "redirect_uri": asked.redirect_uri,
        "challenge": asked.code_challenge,
        "nonce": asked.nonce,
    }
    session.add(
        Code(
            hash=hashed(code),
            client_id=client_id,
            request=request,
            expires_at=now + CODE_LIFE,
            redeemed_at=None,
            family_id=asked.family,
        )
    )
    # Kept as long as tokens that came of it live, so that a second use is known as one.
    session.execute(delete(Code).where(Code.client_id == client_id, Code.expires_at < now - RETIRED_LIFE))


def redeem_code(session: Session, code: str, *, client_id: str) -> CodeRequest:
    """Redeem by one statement; raises `GrantRefusedError`, or `GrantReusedError` the second time."""
    now, key = session.clock.now(), hashed(code)
    unused = update(Code).where(
        Code.hash == key, Code.client_id == client_id, Code.redeemed_at.is_(None), Code.expires_at > now
    )
    row = session.scalars(unused.values(redeemed_at=now).returning(Code)).one_or_none()
    if row is not None:
        return _read(row)
    known = session.get(Code, (session.context.tenant_id, key), populate_existing=True)
    if known is None or known.client_id != client_id:
        raise GrantRefusedError("The code is not known.")
    if known.redeemed_at is not None:
        raise GrantReusedError(session.context.tenant_id, known.family_id)
    raise GrantRefusedError("The code has expired. Start again.")


def code_request(session: Session, code: str) -> CodeRequest | None:
    """What a code stands for, redeemed or not."""
    row = session.get(Code, (session.context.tenant_id, hashed(code)))
    return None if row is None else _read(row)


def new_family() -> UUID:
    """The id under which everything that comes of a code will stand."""
    return uuid4()


def _read(row: Code) -> CodeRequest:
    request = row.request
    return CodeRequest(
        approval=Approval.read(request["approval"]),
        redirect_uri=request["redirect_uri"],
        code_challenge=request["challenge"],
        nonce=request["nonce"],
        family=row.family_id,
    )
