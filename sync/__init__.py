"""The contract between phone and server. Pure: no Flask, no SQLAlchemy, no clock, no network."""
