"""The one list of the identity service's routes and pages: the rooms `api`, `pages` and `oauth` add to it."""

from __future__ import annotations

from services.identity.queries import names
from shared.http.names import named
from shared.http.routes import Routes

routes = Routes(
    "identity",
    endpoints={"authorize": "/oauth/authorize", "token": "/oauth/token", "device": "/oauth/device_authorization"},
)
named("account", zh="账号", en="account")(names.account_names)
named("client", zh="应用", en="application")(names.client_names)
named("provider", zh="外部身份源", en="provider", scope="providers:read")(names.provider_names)
named("credential", zh="应用凭据", en="credential", scope="clients:read")(names.credential_names)
named("session", zh="会话", en="session", scope="sessions:read")(names.session_names)
named("token_key", zh="令牌签名密钥", en="token signing key", scope="keys:manage")(names.token_key_names)
