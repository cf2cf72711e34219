"""What is written, read, stopped or closed at the wrong moment: nothing is lost, and nothing lies."""
