"""Badges on paper: certificate, wallet card, stickers and CV as tagged PDF, and the check that needs no network."""
