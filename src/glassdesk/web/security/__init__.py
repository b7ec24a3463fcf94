"""Who may talk to the pages, and from where."""
