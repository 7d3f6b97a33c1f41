"""Measures Mien: its twins against each other, it against others, and where time goes."""
