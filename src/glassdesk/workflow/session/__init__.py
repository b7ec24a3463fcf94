"""Step 1: the brokerage session: signed in, alive, on the account that was proved."""
