"""Errors on their way out: a page for people, RFC 9457 problem details for programs."""

from flask import Flask, Response, current_app, jsonify, request
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException, InternalServerError

from server.core.errors import DomainError, NotFound
from server.core.i18n import gettext
from server.core.shell import private_page


def problem(status: int, code: str, detail: str, **details: object) -> Response:
    """Answer a program: `application/problem+json` (RFC 9457)."""
    body = {"type": f"urn:streetwise:{code}", "title": code.replace("_", " "), "status": status, "code": code}
    response = jsonify({**body, "detail": detail, **details})
    response.status_code = status
    response.mimetype = "application/problem+json"
    response.headers["Cache-Control"] = "no-store"
    return response


def wants_json() -> bool:
    if request.path.startswith("/api/"):
        return True
    return request.accept_mimetypes.best_match(["text/html", "application/json"], "text/html") != "text/html"


def _answer(status: int, code: str, detail: str, **details: object) -> Response:
    if wants_json():
        return problem(status, code, detail, **details)
    return private_page("error.html", status=status, code=code, detail=detail)


def init_app(app: Flask) -> None:
    @app.errorhandler(DomainError)
    def domain_error(error: DomainError) -> Response:
        return _answer(error.status, error.code, str(error), **error.details)

    @app.errorhandler(ValidationError)
    def validation_error(error: ValidationError) -> Response:
        return invalid_request(error)

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        status = error.code or 500
        if status in (301, 302, 303, 304, 307, 308):
            return Response(error.get_response().get_data(), status, error.get_headers())
        if status == 404:
            return domain_error(NotFound())
        answer = _answer(status, error.name.lower().replace(" ", "_"), error.description or "")
        for name, value in error.get_headers():
            if name in ("Retry-After", "Allow"):
                answer.headers[name] = value
        return answer

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        current_app.logger.exception("Unexpected error at %s %s", request.method, request.path)
        if current_app.testing or current_app.debug:
            raise error
        detail = gettext("Something went wrong here. It was noted. Please try again in a moment.")
        return _answer(InternalServerError.code, "unexpected", detail)


def invalid_request(error: ValidationError) -> Response:
    """Say where a request body is not what the API describes."""
    wrong = [{"at": "/".join(map(str, one["loc"])), "why": one["msg"]} for one in error.errors()]
    return problem(422, "invalid_request", gettext("The request is not of the expected form."), errors=wrong)
