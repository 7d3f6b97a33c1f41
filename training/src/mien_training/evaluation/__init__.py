"""Measuring a model through the graph that is served."""
