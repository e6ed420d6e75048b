"""Every write of the requests service."""
