"""Bodies and views of the organisations service."""
