"""Which processes a desk has, whether they run the same program, and what each is at."""
