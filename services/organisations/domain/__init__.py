"""The rules of organisations: plain functions on plain values."""
