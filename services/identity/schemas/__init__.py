"""Drafts and views of the identity service."""
