"""The road to live: what a paper desk must show before a live account is unlocked (`T-61`)."""
