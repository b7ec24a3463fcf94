"""Pixels for the charts step, drawn with a font of our own."""
