"""`make compare`: the twins of each model against each other, in turns, within one run."""
