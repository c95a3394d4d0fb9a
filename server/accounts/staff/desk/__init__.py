"""Pages by which staff come in, prove who they are, look after their own ways in, and accept an invitation."""

from flask import Blueprint

desk = Blueprint("staff", __name__)

from server.accounts.staff.desk import address, app, asking, entering, joining, me, passkeys  # noqa: E402, F401 - they add their addresses
