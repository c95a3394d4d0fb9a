"""Where mails find their templates."""

from flask import Blueprint

routes = Blueprint("post", __name__, template_folder="templates")
