"""Metrics for the operator's monitoring."""

import hmac

from flask import Blueprint, Response, request
from prometheus_client import CONTENT_TYPE_LATEST

from server.core.db import db, utc_now
from server.core.errors import DomainError
from server.core.i18n import gettext
from server.core.roles import OPERATOR, needs
from server.core.secrets import all_secrets
from server.insights.metrics import exposition

routes = Blueprint("insights", __name__)


class TokenNeeded(DomainError):
    status, code = 401, "token_needed"

    def explain(self) -> str:
        return gettext("This address needs the operator's token.")


@routes.get("/metrics")
@needs(OPERATOR)
def metrics() -> Response:
    """Answer who brings the token of `secrets/metrics` in the instance folder."""
    scheme, _, brought = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not _is_token(brought):
        raise TokenNeeded()
    response = Response(exposition(db.session(), utc_now()), content_type=CONTENT_TYPE_LATEST)
    response.headers["Cache-Control"] = "no-store"
    return response


def _is_token(brought: str) -> bool:
    return any(hmac.compare_digest(brought.encode(), one.strip()) for one in all_secrets("metrics"))


@routes.after_request
def say_how(response: Response) -> Response:
    """Name the scheme, as HTTP asks for (RFC 9110, section 15.5.2)."""
    if response.status_code == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="metrics"'
    return response
