"""Mien's gateway: takes pictures, returns the expressions of the faces in them."""
