"""What can be read and proven of what was written: timeline, journal files, the audit log.

Keeps: what is exported proves itself offline against the platform's public key; every administrative act and refusal
has a position in a chain of its tenant.
"""
