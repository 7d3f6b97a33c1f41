"""A server that answers the calls of `tensorflow_model_server` where that has no binary."""
