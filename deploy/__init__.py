"""How the platform is run: the embedded stack, containers, gunicorn."""
