"""Runs the whole of Mien on one machine, without Docker."""
