"""Arrays that record how each of their elements was computed, so that it can be written out."""
