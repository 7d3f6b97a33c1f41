"""Mien's training side: data, architectures, training, evaluation, export."""
