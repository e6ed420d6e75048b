"""Who may say what: the directory of public keys, private keys, signed documents, and proof of what arrives.

Keeps: nothing unproven leaves `verification`; private keys are sealed at rest and leave their cell never.
Signer and directory are given to whoever needs them; nothing here publishes.
"""
