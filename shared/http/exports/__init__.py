"""Exports by job: a whole list is written beside the requests, and kept for a while for whoever asked for it."""
