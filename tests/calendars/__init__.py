"""Tests of the calendars service."""
