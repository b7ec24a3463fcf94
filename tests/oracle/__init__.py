"""When a strategy is due, straight from the definition (`reliability.md` §3.2) and minute by minute."""
