"""The steps. Read from right to left, the river of `design.md` §2 is the life of a trade."""
