"""Frames on their way: how many may be under way, and which one goes next. No transport here."""
