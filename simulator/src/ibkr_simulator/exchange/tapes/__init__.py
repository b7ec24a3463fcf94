"""Where tapes come from: real history, seeded worlds, folders of files."""
