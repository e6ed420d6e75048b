"""Lists: their pages, sorting, filters and exports; histories, work and sent commands as they are listed."""
