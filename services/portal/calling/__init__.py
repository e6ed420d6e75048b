"""What the portal asks of the API, and nothing else that it knows."""
