"""The forms in which one award leaves us: drawing, picture, token, Open Badges 2.0, learner record."""
