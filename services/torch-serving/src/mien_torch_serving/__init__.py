"""TorchServe for Mien's PyTorch models: archives, configuration, start."""
