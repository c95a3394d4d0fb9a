"""Who may do what: every address, as everybody, against what it declares."""
