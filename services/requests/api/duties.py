"""Routes of the duty table, which officials of one tenant keep and see."""

from __future__ import annotations

from services.requests.api.routes import routes
from services.requests.commands import duties as commands
from services.requests.domain.duties import RULE_DRAWN, RULE_REMOVED
from services.requests.domain.scopes import DECIDE, READ
from services.requests.models import DutyRule
from services.requests.queries import duties as queries
from services.requests.schemas import duties as schemas
from shared.http.declarations import Resource
from shared.http.names import named
from shared.http.resources import ResourceView

ALL = "/v1/duty-rules"
DUTY_RULE = ResourceView(kind=DutyRule, view=schemas.DutyRuleView, url=lambda row: f"{ALL}/{row.id}")
named("duty_rule", zh="分工规则", en="duty rule", scope=READ)(queries.duty_rule_names)
rules = Resource(routes, ALL, DUTY_RULE, subject="duty_rule", read=READ, write=DECIDE)

rules.list(queries.duty_rules, query=schemas.DutyRuleFilter, summary="分工规则 / Duty table")
rules.create(
    commands.add_duty_rule,
    draft=schemas.DutyRuleDraft,
    summary="添加分工规则 / Add a duty rule",
    audited=RULE_DRAWN,
)
rules.get(commands.duty_rule, summary="一条分工规则 / One duty rule")
rules.revise(
    commands.revise_duty_rule,
    draft=schemas.DutyRuleRevision,
    current=commands.locked_duty_rule,
    summary="修改分工规则 / Revise a duty rule",
    audited=RULE_DRAWN,
)
rules.act(
    commands.remove_duty_rule,
    current=commands.locked_duty_rule,
    summary="移除分工规则 / Remove a duty rule",
    audited=RULE_REMOVED,
)
rules.get(
    queries.route,
    query=schemas.DutyQuestion,
    shown=ResourceView(kind=dict, view=schemas.DutyOutcomeView),
    rule=f"{ALL}/route",
    name="show_duty",
    by="office",
    summary="试算由谁办理 / Who would get a case",
)
