"""Every write of facilities and bookings."""
