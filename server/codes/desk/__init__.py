"""The codes desk of organisers: what they give codes for, which there are, and what was done to them."""

from flask import Blueprint

desk = Blueprint("codes_desk", __name__)
AT = "/desk/<any(activities, sessions, achievements):kind>/<name>/codes"

from server.codes.desk import changes, pages  # noqa: E402, F401 - they add their addresses
