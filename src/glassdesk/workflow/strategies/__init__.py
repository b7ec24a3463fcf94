"""Step 5: a strategy is one immutable, versioned object."""
