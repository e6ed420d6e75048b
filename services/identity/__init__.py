"""Identity: users, roles, clients, sessions and tokens of each tenant; an OAuth 2.1 and OpenID Connect provider.

It publishes the keys that sign tokens and the tokens that were revoked, both as registers. It listens to a tenant's
first signing key, upon which it makes the key for its tokens.
"""
