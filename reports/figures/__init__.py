"""Figures of runs and comparisons for papers, as SVG and PNG. They are drawn by matplotlib, an optional library."""
