"""The Streetwise server: pages, API, codes, badges and the other end of the sync protocol."""
