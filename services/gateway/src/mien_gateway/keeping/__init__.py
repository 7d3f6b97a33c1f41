"""What is kept, where, under which name, and for how long."""
