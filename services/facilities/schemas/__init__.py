"""Facilities and bookings as the API takes and shows them."""
