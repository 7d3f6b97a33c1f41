"""The worker: the gateway's core behind a queue of videos instead of a port."""
