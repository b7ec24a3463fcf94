"""The paper probe (`T-60`): questions to the broker about the user's own account, asked with orders that
rest far from the market, and all of it cancelled again. The dealer sends them, in a lane of their own."""
