"""The public side: what the jurisdictions share, for anybody, without signing in.

Owns nothing, publishes nothing and listens to nothing: it reads registers through the public routes of the API.
"""
