"""Scenarios on images: handwritten digits, convolution, pooling, and one answer per pixel."""
