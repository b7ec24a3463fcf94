"""Step 6: slots: the instants at which strategies are due."""
