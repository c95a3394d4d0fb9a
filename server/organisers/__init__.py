"""Organisations that offer learning, and the people in them."""
