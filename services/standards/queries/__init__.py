"""Every read of the standards service beyond one row by its id."""
