"""The words in which services declare: lifecycles, scopes, duties, administrative acts, and who has to sign.

Pure: no database, no network, no cryptography, so domains may import it. Keeps: a state changes only along its table;
several tenants have signed one content only when each has signed the same hash.
"""
