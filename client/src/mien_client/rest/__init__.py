"""Mien over REST and WebSocket."""
