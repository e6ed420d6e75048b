"""The machine every service stands on; it knows no service."""
