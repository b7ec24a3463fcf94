"""The dealer's turn: the only code that reads top to bottom what happens at the broker."""
