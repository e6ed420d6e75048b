"""The rules of calendars: plain functions on plain values."""
