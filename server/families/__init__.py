"""Guardians, children, and classes."""
