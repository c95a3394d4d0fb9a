"""Sync, proved by trying to break it. See README.md here and docs/sync-faults.md."""
