"""What a park and its agreements may become: lifecycles and rules as plain functions on plain values."""
