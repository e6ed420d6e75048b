"""Rows of the facilities service: facilities, taken times, bookings, and the owner's slots."""

from services.facilities.models.bookings import Booking as Booking
from services.facilities.models.bookings import Slot as Slot
from services.facilities.models.facilities import Facility as Facility
from services.facilities.models.facilities import FacilityRow as FacilityRow
from services.facilities.models.facilities import Occupancy as Occupancy
from services.facilities.models.facilities import OccupancyRow as OccupancyRow
