"""The lifecycles of everything this service owns, as tables."""

from __future__ import annotations

from shared.rules.lifecycle import Lifecycle, Step

PROJECT_LIFECYCLE = Lifecycle(
    "project",
    "drafting",
    (
        Step("revise", ("drafting",), "drafting"),
        Step("number", ("drafting",), "drafting"),
        Step("consult", ("drafting",), "consulting"),
        Step("comment", ("consulting",), "consulting"),
        Step("close_consultation", ("consulting",), "drafting"),
        Step("present", ("drafting",), "signing"),
        Step("amend", ("signing",), "signing"),
        Step("sign", ("signing",), "signing"),
        Step("refuse", ("signing",), "drafting"),
        Step("release", ("signing",), "released"),
        Step("abandon", ("drafting", "consulting", "signing"), "abandoned"),
    ),
    words="services.standards",
)
CONSULTATION_LIFECYCLE = Lifecycle(
    "consultation", "open", (Step("close", ("open",), "closed"),), words="services.standards"
)
COMMENT_LIFECYCLE = Lifecycle("comment", "open", (Step("answer", ("open",), "answered"),), words="services.standards")
STANDARD_LIFECYCLE = Lifecycle(
    "standard",
    "published",
    (
        Step("begin", ("published",), "in_force"),
        Step("supersede", ("published", "in_force"), "superseded"),
        Step("withdraw", ("published", "in_force"), "withdrawn"),
        Step("restore", ("published",), "published"),
        Step("restore", ("in_force", "withdrawn", "superseded"), "in_force"),
    ),
    words="services.standards",
)
BODY_LIFECYCLE = Lifecycle(
    "body",
    "accredited",
    (
        Step("extend", ("accredited", "expired"), "accredited"),
        Step("reduce", ("accredited",), "accredited"),
        Step("reduce", ("suspended",), "suspended"),
        Step("suspend", ("accredited",), "suspended"),
        Step("reinstate", ("suspended",), "accredited"),
        Step("withdraw", ("accredited", "suspended"), "withdrawn"),
        Step("expire", ("accredited", "suspended"), "expired"),
        Step("restore", ("suspended", "withdrawn"), "accredited"),
        Step("restore", ("withdrawn",), "suspended"),
        Step("restore", ("expired",), "expired"),
    ),
    words="services.standards",
)
CERTIFICATE_LIFECYCLE = Lifecycle(
    "certificate",
    "valid",
    (
        Step("suspend", ("valid",), "suspended"),
        Step("reinstate", ("suspended",), "valid"),
        Step("revoke", ("valid", "suspended"), "revoked"),
        Step("expire", ("valid", "suspended"), "expired"),
        Step("replace", ("valid", "suspended"), "replaced"),
        Step("restore", ("suspended", "revoked"), "valid"),
        Step("restore", ("revoked",), "suspended"),
        Step("restore", ("expired",), "expired"),
    ),
    words="services.standards",
)
RECOGNITION_LIFECYCLE = Lifecycle(
    "recognition",
    "proposed",
    (
        Step("agree", ("proposed",), "proposed"),
        Step("agree", ("in_force",), "in_force"),
        Step("conclude", ("proposed",), "agreed"),
        Step("begin", ("proposed", "agreed"), "in_force"),
        Step("propose_edition", ("in_force",), "in_force"),
        Step("object", ("proposed",), "proposed"),
        Step("object", ("in_force",), "in_force"),
        Step("answer", ("proposed",), "proposed"),
        Step("answer", ("in_force",), "in_force"),
        Step("answer", ("suspended",), "suspended"),
        Step("suspend", ("in_force",), "suspended"),
        Step("resume", ("suspended",), "in_force"),
        Step("end", ("proposed", "agreed", "in_force", "suspended"), "ended"),
        Step("restore", ("in_force", "suspended", "ended"), "in_force"),
        Step("restore", ("agreed", "ended"), "agreed"),
        Step("restore", ("suspended", "ended"), "suspended"),
        Step("restore", ("ended",), "ended"),
    ),
    words="services.standards",
)
"""Where `restore` leads follows from the periods that are left once the mistake is taken out of them."""
CONSEQUENCE_LIFECYCLE = Lifecycle(
    "consequence",
    "open",
    (
        Step("escalate", ("open",), "open"),
        Step("close", ("open",), "closed"),
        Step("lapse", ("open",), "lapsed"),
        Step("reopen", ("lapsed",), "open"),
    ),
    words="services.standards",
)
