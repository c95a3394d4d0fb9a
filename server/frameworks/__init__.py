"""Frameworks of skills and competences, and the terms in them that badges stand for."""
