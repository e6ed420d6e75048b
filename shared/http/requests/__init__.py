"""What a request brings and may do: token, tenant, limits, body, preconditions, preferences; refusals are problems."""
