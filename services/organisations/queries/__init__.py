"""Reads of the organisations service."""
