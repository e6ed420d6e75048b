"""What operators watch, at `/metrics` of each role's own port; summed where PROMETHEUS_MULTIPROC_DIR is set.

Counters are kept by whoever does the work. Whatever tells that work stands still (ages, depths, lags) is measured in
the database and at the brokers by other processes too: the newest figure counts, whoever took it.
"""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

RELAYED = Counter("xietong_relayed_total", "Messages the brokers took", ["service"])
APPLIED = Counter("xietong_applied_total", "Entries applied to replicas and handlers", ["service"])
HELD = Counter("xietong_held_total", "Entries that arrived before their predecessor", ["service"])
PARKED = Counter("xietong_parked_total", "Aggregates parked because an entry could not be applied", ["service"])
REJECTED = Counter("xietong_rejected_total", "Messages that were no messages of this platform", ["topic"])
OVER_QUOTA = Counter("xietong_over_quota_total", "Documents passed over because their sender sent too many", ["kind"])
COMMANDS = Counter("xietong_commands_total", "Commands of other tenants executed here", ["outcome"])
FILES = Counter("xietong_files_total", "Cited contents: copied later, missing at their sender, given up", ["outcome"])
REQUESTS = Histogram("xietong_request_seconds", "HTTP requests", ["route", "method", "status"])


def measured(name: str, help_: str, *labels: str) -> Gauge:
    """A gauge that any process may take; the newest figure counts."""
    return Gauge(name, help_, labels, multiprocess_mode="mostrecent")


OUTBOX_AGE = measured("xietong_outbox_age_seconds", "Age of the oldest unsent message", "service")
OUTBOX_DEPTH = measured("xietong_outbox_depth", "Unsent messages", "service")
LAG = measured("xietong_consumer_lag", "Messages the cell's worker has not committed yet", "topic")
TIMERS_DUE = measured("xietong_timers_due", "Timers that are due and have not run")
TIMERS_LATE = measured("xietong_timers_late_seconds", "How long the oldest of them has been due")
WAITING = measured("xietong_waiting", "What does not flow, over all tenants of the cell", "what")
WAITING_AGE = measured("xietong_waiting_seconds", "How long the oldest of them has waited", "what")
AUDIT_INBOX = measured("xietong_audit_inbox", "Audit records without a position, over all tenants of the cell")
KEY_LEFT = measured("xietong_signing_key_left_seconds", "Until the first tenant here is without a key that counts")
CERTIFICATE_LEFT = measured("xietong_certificate_left_seconds", "Until a certificate this process trusts ends", "file")
MEASURED_AT = measured("xietong_measured_timestamp_seconds", "When the figures of this source were taken", "source")
HEARTBEAT = measured("xietong_heartbeat_timestamp_seconds", "When this part last went round its loop", "role", "part")
