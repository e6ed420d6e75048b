"""The HTTP conventions every service shares: routes, problems, preconditions, idempotency, pages, OpenAPI."""
