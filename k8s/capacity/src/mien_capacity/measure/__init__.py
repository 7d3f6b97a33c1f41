"""Measures what a request costs each part, on whatever machine this runs."""
