"""Drawings: charts, the clock of a case and the map, as SVG that the server makes.

Each is a pure function of figures and words. Its markup has a title and a description, and takes its colours from
classes: the same on screens, in print and under the strict policy. Whoever draws gives the same figures as a table.
"""
