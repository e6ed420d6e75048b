"""Announcements of one tenant to others, and who has confirmed reading them.

Owns the aggregate `notices.notice`; publishes what happens to it as `notices.notice.*`; listens to nothing.
"""
