"""What everything stands on and what knows nothing of us: identities, money, time, canonical bytes,
errors."""
