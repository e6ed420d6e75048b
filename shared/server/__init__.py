"""What every process has: a server that slow clients cost no thread, health and metrics, and an orderly end."""
