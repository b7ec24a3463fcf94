"""A faithful, deterministic Client Portal Gateway for tests and demonstrations."""
