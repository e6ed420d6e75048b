"""Kills, stops and cuts of a running stack; run by hand or by their own target, never with the suite."""
