"""Evaluation: what became of every signal, and which prompt, model and strategy it speaks for."""
