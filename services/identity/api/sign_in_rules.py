"""Routes about what a tenant's sign-in page offers."""

from __future__ import annotations

from services.identity.commands import forgotten
from services.identity.domain import acts
from services.identity.models import SignInRules
from services.identity.routes import routes
from services.identity.schemas.users import SignInRulesSchema
from shared.evidence.audit import detail
from shared.http.declarations import Resource
from shared.http.resources import ResourceView
from shared.journal.session import Session

RULES = ResourceView(kind=SignInRules, view=SignInRulesSchema)


def set_sign_in_rules(session: Session, *, forgotten_passwords: bool) -> SignInRules:
    """Whether the sign-in page takes requests for a new password."""
    before = forgotten.sign_in_rules(session).forgotten_passwords
    detail(session, before={"forgotten_passwords": before}, after={"forgotten_passwords": forgotten_passwords})
    return forgotten.set_sign_in_rules(session, forgotten_passwords=forgotten_passwords)


rules = Resource(
    routes, "/v1/sign-in-rules", RULES, key="", subject="sign_in_rules", read="users:read", write="users:manage"
)
rules.get(forgotten.sign_in_rules, summary="登录规则 / Rules of signing in")
rules.act(
    set_sign_in_rules,
    draft=SignInRulesSchema,
    method="PUT",
    rule=rules.url,
    summary="设定登录规则 / Set the rules of signing in",
    audited=acts.SIGN_IN_RULES_SET,
)
