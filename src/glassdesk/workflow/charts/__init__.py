"""Step 7: the picture that the model and the person see."""
