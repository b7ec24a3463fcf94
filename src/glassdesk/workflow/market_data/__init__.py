"""Step 7a: bars and quotes, with a verdict on their quality."""
