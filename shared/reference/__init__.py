"""Facts that belong to nobody and change by law alone: divisions, and which of them a tenant stands for."""
