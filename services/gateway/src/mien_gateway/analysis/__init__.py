"""From a picture to what is said of its faces: one picture, many, both twins, and why."""
