"""Whether the desk can trade, for whoever watches over it from outside."""
