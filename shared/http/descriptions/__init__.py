"""What people call the parts of a request and of an answer, for API documents, exports and errors."""
