"""Devices' logs, verdicts and feeds: the server's end of sync."""
