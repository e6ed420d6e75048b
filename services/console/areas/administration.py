"""Administration: jurisdictions, people and their roles, clients, the audit log, settings."""

from __future__ import annotations

from services.console.kit.areas import area

area(
    name="tenants",
    path="/v1/tenants",
    kind="tenant",
    title="辖区 / Jurisdictions",
    icon="map-pin",
    group="administration",
    order=1,
    columns=("code", "kind", "state", "cell", "division_codes", "received_at"),
    filters=("kind", "state"),
    fields=("code", "name_zh", "name_en", "kind", "division_codes", "members", "cell"),
    primary=("invite_administrator", "revise", "reactivate", "set_quotas", "rotate_key"),
    panels=("/v1/tenants/{key}/quotas",),
)
area(
    name="users",
    path="/v1/users",
    kind="user",
    title="人员 / People",
    icon="users",
    group="administration",
    go="u",
    order=2,
    heading=("name", "name"),
    columns=("login", "roles", "state", "organisation", "second_factor", "reset_asked_at", "created_at"),
    filters=("state", "role"),
    fields=("login", "name", "email", "roles", "organisation", "account"),
    primary=("grant_role", "invite_again", "unlock", "reactivate", "revise", "withdraw_role"),
    tabs=("sessions",),
    options={"role": "/v1/roles", "roles": "/v1/roles"},
    picks={"withdraw_role": "roles"},
)
area(
    name="sessions",
    path="/v1/users/{key}/sessions",
    item="/v1/sessions/{key}",
    address=("user", "id"),
    within="users",
    kind="session",
    title="会话 / Sessions",
    heading=("agent",),
    columns=("address", "methods", "authenticated_at", "factor_at", "seen_at", "ended_at"),
    over="ended_at",
)
area(
    name="members",
    path="/v1/members",
    item="/v1/members/{key}",
    title="本组织成员 / Members of the organisation",
    icon="users",
    group="administration",
    order=2,
    heading=("name", "name"),
    columns=("login", "roles", "state", "second_factor", "created_at"),
    options={"roles": "identity.OrganisationRole"},
)
area(
    name="roles",
    path="/v1/roles",
    address=("name",),
    kind="role",
    title="角色 / Roles",
    icon="shield-check",
    group="administration",
    order=3,
    columns=("name", "duty", "second_factor", "built_in", "scopes"),
    fields=("name", "name_zh", "name_en", "scopes", "second_factor"),
    options={"scopes": "scopes"},
    over="built_in",
)
area(
    name="clients",
    path="/v1/clients",
    address=("name",),
    kind="client",
    title="客户端 / Clients",
    icon="link",
    group="administration",
    order=4,
    heading=("label", "label"),
    columns=("client_id", "kind", "state", "scopes", "used_at", "expires_at"),
    filters=("kind", "state"),
    primary=("add_credential", "revise"),
    tabs=("credentials",),
    options={"scopes": "scopes"},
)
area(
    name="credentials",
    path="/v1/clients/{name}/credentials",
    item="/v1/clients/{name}/credentials/{credential}",
    address=("client", "id"),
    within="clients",
    title="凭据 / Credentials",
    heading=("id",),
    columns=("kind", "created_at", "used_at", "expires_at", "ended_at"),
    over="ended_at",
)
area(
    name="providers",
    path="/v1/providers",
    kind="provider",
    title="身份源 / Identity providers",
    icon="login",
    group="administration",
    order=5,
    heading=("label", "label"),
    columns=("issuer", "client_id", "domain", "created_at"),
    primary=("revise",),
)
area(
    name="audit",
    path="/v1/audit",
    title="审计日志 / Audit log",
    icon="history",
    group="administration",
    go="a",
    order=6,
    heading=("title",),
    columns=("at", "actor_name", "outcome", "subject", "before", "after", "reason", "position"),
    filters=("act", "outcome"),
    options={"act": "/v1/audit/acts"},
    downloads=("/v1/audit/export",),
)
area(
    name="commands",
    path="/v1/commands",
    title="跨辖区办理记录 / Sent to other jurisdictions",
    icon="send",
    group="administration",
    order=7,
    heading=("title",),
    columns=("home", "aggregate", "state", "sent_at", "answered_at"),
    filters=("state", "home"),
)
area(
    name="waiting",
    path="/v1/waiting",
    title="停滞事项 / Stalled items",
    icon="hourglass",
    group="administration",
    order=7,
    heading=("thing", "subject"),
    columns=("kind", "home", "since", "cause", "advice"),
    filters=("kind",),
    hides=("thing_kind", "subject"),
    empty="一切畅通。无法应用、等待或未确认的内容会出现在这里。"
    " / Everything flows. What cannot be applied, waits or is not confirmed stands here.",
)
area(
    name="registers",
    path="/v1/registers",
    item="/v1/registers",
    title="登记簿 / Registers",
    icon="database",
    group="administration",
    order=8,
)
area(
    name="contact",
    path="/v1/contact",
    item="/v1/contact",
    title="本辖区联系方式 / Own contact",
    icon="mail",
    group="administration",
    order=9,
)
area(
    name="sign-in-rules",
    path="/v1/sign-in-rules",
    item="/v1/sign-in-rules",
    title="登录规则 / Sign-in rules",
    icon="settings",
    group="administration",
    order=10,
)
area(
    name="token-keys",
    path="/v1/token-keys",
    title="令牌密钥 / Token keys",
    icon="key",
    group="administration",
    order=11,
)
