"""Publishing: a changed row, its signed entry, its outbox messages and its timers are written in one transaction.

Keeps: for every version of an aggregate one entry, which names the one before; nothing changed stays unpublished;
who has not confirmed a version is remembered with it. Commands of services use its `Session`.
"""
