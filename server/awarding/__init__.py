"""Giving badges by hand and by list, to people who may have no phone with us yet, and for milestones."""
