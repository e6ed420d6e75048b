"""Every write of the identity service."""
