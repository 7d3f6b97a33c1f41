"""A folder of videos, sent through a gateway by one process or by several side by side."""
