"""The twins as they are served: through the gateway, and straight from their servers."""
