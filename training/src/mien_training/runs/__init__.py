"""Training runs: recipes, the loop, and what it takes to go on after an interruption."""
