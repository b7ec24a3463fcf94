"""One file per question, each measured against a named peer. `python -m bench` asks them all."""
