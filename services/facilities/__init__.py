"""Shared equipment and places: instruments, pilot lines, meeting rooms, reception; who may book them, and who has when.

Owns the aggregates `facilities.facility` and `facilities.occupancy` (which times are taken), both broadcast into
registers, and `facilities.booking`, whose home is the tenant that books and whose party is the owner of the facility;
publishes what happens to them as `facilities.*`; listens to its own bookings, in the owner's tenant, and to departures.
"""
