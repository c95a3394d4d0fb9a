"""Counts for organisers and cities."""
