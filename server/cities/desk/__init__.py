"""The desk of the city's team: the organisers, the team itself, what was done, and settings."""

from flask import Blueprint

desk = Blueprint("city_desk", __name__)
AT = "/desk/city"

from server.cities.desk import log, organisers, overview, settings, team  # noqa: E402, F401 - they add their addresses
