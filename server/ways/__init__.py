"""Learners' ways back in: passkeys, mail addresses, recovery kits; and entering by one of them."""
