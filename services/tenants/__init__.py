"""Tenants: owns the jurisdictions on the platform, publishes their directory to every cell, hears itself for keys."""
