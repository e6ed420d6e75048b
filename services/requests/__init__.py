"""Shared service requests: items that jurisdictions offer, and cases that are filed in one and handled in another.

Owns the aggregates `requests.item`, broadcast into the catalogue, and `requests.case`, at home where it was filed;
publishes what happens to them as `requests.item.*` and `requests.case.*`; listens to calendars of working days, by
which the terms of cases are counted anew.
"""
