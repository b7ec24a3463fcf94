"""The rules analyst: named rules that decide without a model, labelled RULES, not AI."""
