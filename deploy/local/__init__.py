"""The embedded stack: PostgreSQL, Kafka and the platform's own processes where nothing but Python is installed."""
