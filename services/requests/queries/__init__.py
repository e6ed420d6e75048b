"""Reads of the requests service."""
