"""Export of released models to the graphs that the model servers run."""
