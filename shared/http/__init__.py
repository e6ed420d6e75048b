"""The HTTP conventions every service shares. `routes` is where services declare; `handling` is what happens then.

Keeps: whoever calls is known and holds the scope; a POST repeated has one effect; a change names the version it is of;
what was committed is never told as failed; every error is a problem document in both languages.
"""
