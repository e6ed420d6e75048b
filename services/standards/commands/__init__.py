"""Every write of the standards service."""
