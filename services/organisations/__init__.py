"""Organisations: owns the register of enterprises, institutes, testing bodies, alliances and park operators.

Publishes `organisations.organisation.*` to tenants in which an organisation takes part and `organisations.card.*` to
every cell; listens to its own events for the search rows of replicas, and to what is decided about a qualification
whose certificate stopped counting.
"""
