"""Step 3: indicators: a catalogue, named sets, values in TradingView's conventions."""
