"""Tests of the door on the server."""
