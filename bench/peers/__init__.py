"""Programs of the peers. Each runs in a process of its own and knows nothing of ours."""
