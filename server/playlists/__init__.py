"""Ordered activities with a rule, and the bundle a phone saves."""
