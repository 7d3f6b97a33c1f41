"""Which face of a frame is which of the frames before, by motion and overlap alone."""
