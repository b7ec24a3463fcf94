"""Step 10: shares held, from executions; compared with the broker, never corrected."""
