"""The catalogue's sections, one module each, in the order of the numbers."""
