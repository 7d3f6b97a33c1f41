"""Builds and checks TorchServe's .mar archives."""
