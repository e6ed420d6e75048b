"""Routes about what a tenant's sign-in page offers."""

from __future__ import annotations

from services.identity.commands import forgotten
from services.identity.domain import acts
from services.identity.models import SignInRules
from services.identity.routes import routes
from services.identity.schemas.users import SignInRulesSchema
from shared.evidence.audit import detail
from shared.http.resources import ResourceView
from shared.journal.session import Session

RULES = ResourceView(kind=SignInRules, view=SignInRulesSchema)


@routes.get("/v1/sign-in-rules", RULES, scope="users:read", summary="登录规则 / Rules of signing in")
def show_sign_in_rules(session: Session) -> SignInRules:
    """What this tenant's sign-in page offers."""
    return forgotten.sign_in_rules(session)


@routes.own(
    "PUT",
    "/v1/sign-in-rules",
    shown=RULES,
    scope="users:manage",
    summary="设定登录规则 / Set the rules of signing in",
    draft=SignInRulesSchema,
    audited=acts.SIGN_IN_RULES_SET,
)
def set_sign_in_rules(session: Session, *, forgotten_passwords: bool) -> SignInRules:
    """Whether the sign-in page takes requests for a new password."""
    before = forgotten.sign_in_rules(session).forgotten_passwords
    detail(session, before={"forgotten_passwords": before}, after={"forgotten_passwords": forgotten_passwords})
    return forgotten.set_sign_in_rules(session, forgotten_passwords=forgotten_passwords)
