"""What people do at a terminal: sign in, and everything the API offers."""
