"""Asks a running Mien for the expressions in pictures, videos and live streams."""
