"""Reads of facilities and bookings beyond one row."""
