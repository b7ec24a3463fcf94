"""Step 12: cash, equity and profit from executions and marks."""
