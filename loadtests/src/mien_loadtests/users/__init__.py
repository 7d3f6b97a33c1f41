"""Users of Mien, one module per protocol."""
