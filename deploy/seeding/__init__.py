"""Loads the demonstration data in `data/` into the running platform; safe to repeat."""

from deploy.seeding.loading import seed

__all__ = ["seed"]
