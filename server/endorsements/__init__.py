"""What others say, signed, of a badge, an organiser, or one person's award."""
