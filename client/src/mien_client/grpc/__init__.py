"""Mien over gRPC; imported only where it is used, since its packages are an extra."""
