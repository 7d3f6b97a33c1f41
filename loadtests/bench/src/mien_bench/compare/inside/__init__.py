"""The twins within a process: what a server runs, and what Keras makes of the same weights."""
