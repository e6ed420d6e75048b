"""Reads of the identity service."""
