"""Achievements, awards, keys, signing, status and verification."""
