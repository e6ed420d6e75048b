"""Printed documents: the Chinese font, and which characters it can show."""
