"""What people write: how it is folded for searching, and the one normal form of each kind of identifier.

Keeps: what cannot be seen is dropped or refused here alone; what is compared has been folded on both sides alike.
Pure; domains may import it.
"""
