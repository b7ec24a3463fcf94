"""What the desk tells a person: an outbox written with the change it tells of."""
