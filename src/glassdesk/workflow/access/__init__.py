"""Who may use the desk: one-time links, a password, web sessions."""
