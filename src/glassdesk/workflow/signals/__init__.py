"""Step 8: the analyst's answer, checked, becomes a signal or no signal."""
