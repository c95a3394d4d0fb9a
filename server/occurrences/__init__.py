"""Sessions: an activity at a time, with a place for so many people. `occurrence` in code, "session" in the interface."""
