"""Calendars of working days: the country's, set by the platform, and days that one tenant has besides.

Owns the aggregate `calendars.calendar`, broadcast into the machine's register, by which all terms are counted;
publishes what happens to it as `calendars.calendar.*`; listens to nothing.
"""
