"""The console: officials, organisations and administrators do in a browser what the API lets them do.

A client of the public API and nothing else. Owns browser sessions with sealed tokens, and what people keep for
themselves: views of lists, drafts of forms, bookmarks, preferences. Publishes nothing and listens to nothing.
"""
