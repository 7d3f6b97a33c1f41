"""The files of a model: weights, sidecar, card, and its entry in the registry."""
