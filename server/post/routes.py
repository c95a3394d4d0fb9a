"""Where phones say what they want to be told."""

from flask import Blueprint

routes = Blueprint("post", __name__, template_folder="templates")
