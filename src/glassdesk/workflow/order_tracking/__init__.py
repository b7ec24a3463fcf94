"""Step 11: what the broker did with our orders, as facts, folded to a state."""
