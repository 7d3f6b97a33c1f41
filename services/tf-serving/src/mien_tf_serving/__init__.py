"""TensorFlow Serving for Mien: model store, start command, and the embedded server."""
