"""Copies in step: each tenant's copies advance one version at a time, exactly as their homes signed them.

Keeps: nothing lost, doubled or reordered; what is missing is asked for, what cannot be applied waits alone; each party
tells home how far it has come.
"""
