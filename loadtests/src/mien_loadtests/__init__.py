"""Load on a running Mien, with the answers checked."""
