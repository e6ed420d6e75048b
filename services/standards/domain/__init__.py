"""Rules of standards: lifecycles, valid time, numbers, requirement sheets, and whether a certificate counts."""
