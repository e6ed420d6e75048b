"""Rules of the identity service: plain functions on plain values."""
