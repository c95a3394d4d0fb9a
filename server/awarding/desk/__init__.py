"""The desk of giving: to whom a badge is given, by list or by hand, what became of it, and what is taken back."""

from flask import Blueprint

desk = Blueprint("awarding_desk", __name__)
AT = "/desk/<org>/badges/<series>/award"

from server.awarding.desk import awards, lists, people, start  # noqa: E402, F401 - they add their addresses
