"""Mutually recognised standards: what counts where, since when, why, and what follows when it stops.

Owns projects, consultations, comments and standards; conformity bodies and their certificates; recognition between
tenants; citations of them and the consequences of a withdrawal. Publishes `standards.*`; standards, bodies,
certificates and consultations are broadcast into registers. Listens to every event that cites (`events.citing`).
"""
