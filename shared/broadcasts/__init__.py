"""What is told to every cell, and whether all of it is here.

Keeps: a lost broadcast is noticed in every cell, healed, and not taken for valid meanwhile; no cell speaks for a tenant
that lives elsewhere.
"""
