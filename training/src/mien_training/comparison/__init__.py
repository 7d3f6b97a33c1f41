"""PyTorch beside TensorFlow: the same run in both, and what differs."""
