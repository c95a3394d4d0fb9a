"""The door of a session: who may stand at it, and whom they let in."""
