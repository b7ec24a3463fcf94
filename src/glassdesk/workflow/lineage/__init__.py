"""Step 13: why: a Merkle graph from every order to its bars, and the audit chain."""
