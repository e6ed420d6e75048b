"""The fields of bodies and views: strict, documented, with messages in both languages."""
