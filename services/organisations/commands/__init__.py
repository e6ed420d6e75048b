"""Every write of the organisations service."""
