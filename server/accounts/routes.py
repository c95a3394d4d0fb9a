"""Addresses of accounts: staff's, which `staff/desk` has."""

from flask import Blueprint

from server.accounts import sessions
from server.accounts.sessions import ProofNeeded, SecondFactorNeeded
from server.accounts.staff.desk import desk
from server.accounts.staff.desk.asking import ask

routes = Blueprint("accounts", __name__, template_folder="templates")
routes.record_once(lambda state: sessions.init_app(state.app))
routes.after_app_request(sessions.note_seen)
routes.app_errorhandler(SecondFactorNeeded)(ask)
routes.app_errorhandler(ProofNeeded)(ask)
routes.register_blueprint(desk)
