"""What services declare and the machine runs: commands, their forwarding to home, their execution there, handlers.

Keeps: a party's command runs at home once and is answered once; a lost command or answer is noticed; a handler sees
only what is proven and committed.
"""
