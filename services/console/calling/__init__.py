"""How the console reaches the API, and on whose behalf."""
