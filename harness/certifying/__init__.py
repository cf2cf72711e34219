"""Holds each recorded tensor against the hand-written op and its rounding bound."""
