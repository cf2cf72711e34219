"""What notebooks show: fragments of HTML that stand alone, without scripts."""
