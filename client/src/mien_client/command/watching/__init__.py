"""`mien watch`: frames of a camera or a file, live, and what is seen on them."""
