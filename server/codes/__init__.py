"""Points, codes and proofs: what a QR or a typed form carries."""
