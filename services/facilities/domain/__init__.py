"""Rules of facilities and bookings, without any framework."""
