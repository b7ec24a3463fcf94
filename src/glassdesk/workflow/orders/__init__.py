"""Step 9: intents and order rows, written before anything is sent."""
