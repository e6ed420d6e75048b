"""Administration: jurisdictions, people and their roles, clients, the audit log, settings."""

from __future__ import annotations

from services.console.kit.areas import area
from services.console.kit.variants import Variant

NEW = ("login", "name", "email")
FACTOR = {"second_factor": ("已设置 / Set up", "未设置 / Not set up")}

area(
    name="tenants",
    path="/v1/tenants",
    kind="tenant",
    title="辖区 / Jurisdictions",
    icon="map-pin",
    group="administration",
    order=1,
    columns=("code", "kind", "state", "division_codes", "received_at"),
    filters=("kind", "state"),
    fields=("code", "name_zh", "name_en", "kind", "division_codes", "members", "cell"),
    primary=("invite_administrator", "revise", "reactivate", "set_quotas", "rotate_key"),
    panels=("/v1/tenants/{key}/quotas",),
    hides=("cell",),
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
    primary=("grant_role", "invite_again@invited", "unlock", "reactivate", "revise", "withdraw_role"),
    tabs=("sessions",),
    flags=FACTOR,
    options={"role": "/v1/roles", "roles": "/v1/roles"},
    # Whoever invites holds the link: administrators' roles are granted apart.
    offers={"roles": "/v1/roles?duty=daily"},
    variants={
        "": Variant("邀请新用户 / Invite somebody new", NEW, ("account",)),
        "account": Variant("邀请其他辖区的账号 / Invite an account kept elsewhere", ("account",), NEW),
    },
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
    flags=FACTOR,
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
    empty="还没有客户端。其他系统要调用本平台的接口,先在这里登记。"
    " / There is no client yet. Another system that is to use the API is registered here first.",
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
    nothing="还没有身份源 / There is no identity provider yet",
    empty="设置后,本辖区人员可以用单位已有的统一身份登录;不设置则用本平台的账号登录。"
    " / With one, your people sign in with the accounts they have at work; without, with those of this platform.",
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
    nothing="没有停滞事项 / Nothing is stalled",
    empty="各辖区之间的事项都已送达。未能生效、等待或未获确认的会出现在这里。"
    " / All that jurisdictions sent each other has arrived. What cannot be applied, waits or is not confirmed"
    " stands here.",
)
area(
    name="registers",
    path="/v1/registers",
    item="/v1/registers",
    about="各辖区公开的内容(机构名录、标准、证书等)在本辖区收到何时为止。有缺的,以此作出的查询可能不是最新。"
    " / Until when all that each jurisdiction made public has arrived here. Where some is missing, what you look up"
    " may not be the latest.",
    title="登记簿 / Registers",
    icon="database",
    group="administration",
    order=8,
)
area(
    name="contact",
    path="/v1/contact",
    item="/v1/contact",
    about="其他辖区的经办人员遇到问题时,按此与本辖区联系,请填写有人接听的办公电话和邮箱。系统管理员和业务人员可以填写。"
    " / Officials of other jurisdictions reach yours by it: name an office that answers. System administrators and"
    " officials may fill it in.",
    title="本辖区联系方式 / Own contact",
    icon="mail",
    group="administration",
    order=9,
)
area(
    name="sign-in-rules",
    path="/v1/sign-in-rules",
    item="/v1/sign-in-rules",
    flags={"forgotten_passwords": ("受理 / Taken", "不受理 / Not taken")},
    about="受理时,忘记密码的人可以在登录页面提出请求,管理员在“人员”中看到并重发链接;不受理时,须自行联系管理员。"
    "系统管理员可以更改。"
    " / Where requests are taken, whoever forgot a password asks at the sign-in page and an administrator sees it"
    " under People and sends a link; otherwise they turn to an administrator themselves. System administrators may"
    " change it.",
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
    about="本辖区人员和系统的访问令牌用此密钥签名。定期更换,怀疑泄露时立即更换;更换后旧令牌在到期前仍然有效,"
    "无人需要重新登录。何时更换过,见审计日志。"
    " / With this key the access tokens of your people and systems are signed. Rotate it from time to time, and at"
    " once where it may have leaked; tokens stay good until they end and nobody signs in again. The audit log says"
    " when it was rotated.",
    group="administration",
    order=11,
)
