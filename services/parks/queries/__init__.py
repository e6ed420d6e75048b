"""Every read of the parks service beyond one row by its id."""
