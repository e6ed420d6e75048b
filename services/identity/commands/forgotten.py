"""Forgotten passwords: who asks is shown to the tenant's administrators, who hand out the one-time link."""

from __future__ import annotations

from sqlalchemy import select

from services.identity.models import SignInRules, User
from shared.journal.session import Session


def sign_in_rules(session: Session) -> SignInRules:
    """The session tenant's, or what counts until it has set any."""
    found = session.scalars(select(SignInRules)).one_or_none()
    return found or SignInRules(forgotten_passwords=False)


def set_sign_in_rules(session: Session, *, forgotten_passwords: bool) -> SignInRules:
    """Whether the sign-in page takes requests for a new password."""
    rules = session.scalars(select(SignInRules).with_for_update()).one_or_none()
    if rules is None:
        rules = SignInRules()
        session.add(rules)
    rules.forgotten_passwords, rules.updated_at = forgotten_passwords, session.clock.now()
    session.flush()
    return rules


def ask_for_reset(session: Session, user: User | None) -> str | None:
    """Note that the account's owner asks for a new password; returns why not, which nobody outside is told.

    Whoever signs in through the tenant's own provider has no password here, and gets none by asking.
    """
    if not sign_in_rules(session).forgotten_passwords:
        return "not_offered"
    if user is None or user.state != "active" or user.password_hash is None:
        return "no_password_here"
    user.reset_asked_at = session.clock.now()
    return None
