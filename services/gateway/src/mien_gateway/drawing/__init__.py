"""What is drawn onto pictures: boxes, labels, bars, heat. Pillow alone; never on the event loop."""
