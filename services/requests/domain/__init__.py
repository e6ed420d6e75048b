"""Rules of service items and cases, without any framework."""
