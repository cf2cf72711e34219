"""The arithmetic of every element that a page shows: formulas once for many elements, and the numbers they need."""
