"""People: learners and their devices, staff, sign-in links and sessions."""
