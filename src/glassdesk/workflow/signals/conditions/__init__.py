"""Conditions: statements over indicator values and bar prices, a versioned part of a strategy."""
