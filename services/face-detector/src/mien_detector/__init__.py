"""Finds the faces of a picture and cuts them out in the shape a model wants."""
