"""The gate between signal and order: every rule evaluated, every verdict stored."""
