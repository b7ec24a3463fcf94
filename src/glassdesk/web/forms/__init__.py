"""From what a person typed to our values; every problem names its field."""
