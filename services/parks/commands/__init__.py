"""Every write of the parks service."""
