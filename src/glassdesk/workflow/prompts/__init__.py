"""Step 4: prompts: immutable versions, labels, sandboxed rendering."""
