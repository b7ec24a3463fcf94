"""Hundreds of trading days on the simulator, with the desk's books laid beside the broker's after each."""
