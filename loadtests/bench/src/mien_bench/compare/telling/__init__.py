"""Tells what was measured: tables, plots, and sentences that are made of the figures."""
