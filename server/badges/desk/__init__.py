"""The badges desk of organisers: what they give badges for, how these read and look, and their versions."""

from flask import Blueprint

desk = Blueprint("badges_desk", __name__)
AT = "/desk/<organiser>/badges"

from server.badges.desk import editing, pages  # noqa: E402, F401 - they add their addresses
