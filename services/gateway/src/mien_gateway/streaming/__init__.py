"""Live frames: the newest one wins, faces are followed, expressions smoothed."""
