"""Changing, mixing and balancing training faces, and the batches they come in."""
