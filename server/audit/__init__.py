"""What staff did, kept for good."""
