"""Bodies and views of the parks service."""
