"""Tests of the facilities service."""
