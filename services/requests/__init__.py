"""Shared service requests: items that jurisdictions offer, and cases that are filed in one and handled in another.

Owns the aggregates `requests.item`, broadcast into the catalogue, `requests.case`, at home where it was filed, and
`requests.message`; what several sign is `requests.duty_revision` of a park's `requests.duty_table`, by which its
matters are answered, and `requests.common_revision` of a `requests.common_sheet`, which items of several tenants
follow. What a tenant keeps for itself is in no event: its duty table, who works on a case, notes.

Listens to calendars of working days, by which the terms of cases are counted anew, to organisations and parks, so that
a case says where it lies, and to its own cases, which are routed where they arrive.
"""
