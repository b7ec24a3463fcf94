"""What happens at the broker: tape, matching, account."""
