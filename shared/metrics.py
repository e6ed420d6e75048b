"""What operators watch; scraped at `/metrics`, summed over processes where PROMETHEUS_MULTIPROC_DIR is set."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

OUTBOX_AGE = Gauge("xietong_outbox_age_seconds", "Age of the oldest unsent one", ["service"], multiprocess_mode="max")
RELAYED = Counter("xietong_relayed_total", "Messages the brokers took", ["service"])
APPLIED = Counter("xietong_applied_total", "Entries applied to replicas and handlers", ["service"])
HELD = Counter("xietong_held_total", "Entries that arrived before their predecessor", ["service"])
PARKED = Counter("xietong_parked_total", "Aggregates parked because an entry could not be applied", ["service"])
REJECTED = Counter("xietong_rejected_total", "Messages that were no messages of this platform", ["topic"])
OVER_QUOTA = Counter("xietong_over_quota_total", "Documents passed over because their sender sent too many", ["kind"])
COMMANDS = Counter("xietong_commands_total", "Commands of other tenants executed here", ["outcome"])
FILES = Counter("xietong_files_total", "Cited contents: copied later, missing at their sender, given up", ["outcome"])
REQUESTS = Histogram("xietong_request_seconds", "HTTP requests", ["route", "method", "status"])
