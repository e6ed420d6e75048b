"""Benchmarks: the platform beside a raw floor, measured in the same run, because machines here are noisy."""
