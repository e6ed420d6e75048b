"""What several tenants sign: one content, a signature of each, and what holds once the last one is given.

`signing` is the signatures themselves, `revision` the lifecycle and rules of one revision of some terms, `rows` its
columns, `commands` what a service declares to propose, amend, sign, refuse and withdraw revisions and to bring them
into force on their day, `reminding` the day to sign by, `verifying` what a party checks of its home's word. A home
speaks for itself alone: a signature of another tenant counts only with the command that this tenant signed. Services
import it; `shared.http.countersigned` has the drafts and views.
"""
