"""Convolutions of images, and their transposes."""
