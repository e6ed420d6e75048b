"""Contents of files: one object per tenant and hash; who cites one must hold it.

Keeps: a content is there in full or not at all; to know its hash, size and type grants nothing; what a verified message
cites is fetched from whoever sent it.
"""
