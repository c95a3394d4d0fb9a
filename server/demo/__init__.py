"""The demo city: its content, its pictures and sounds, and what loads them into an empty instance."""
