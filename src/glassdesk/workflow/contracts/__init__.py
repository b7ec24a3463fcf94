"""Step 2: from a ticker to a contract: conid, rules, trading hours."""
