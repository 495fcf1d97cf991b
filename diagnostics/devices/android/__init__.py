"""An Android phone: which commands may be run on it, and what their output says."""
