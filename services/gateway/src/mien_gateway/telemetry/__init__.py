"""What operators see: figures, logs, traces."""
