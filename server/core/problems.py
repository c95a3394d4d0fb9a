"""Errors on their way out: a page for people, RFC 9457 problem details for programs."""

import re
from typing import Any

from flask import Flask, Response, current_app, jsonify, request
from flask.json.provider import DefaultJSONProvider
from pydantic import BaseModel, ConfigDict, ValidationError
from werkzeug.exceptions import HTTPException, InternalServerError

from server.core.errors import DomainError, NotFound, TooLarge, TooMany, WrongMediaType
from server.core.i18n import gettext
from server.core.shell import private_page

_PLAINLY = {one.status: one for one in (NotFound, TooLarge, WrongMediaType, TooMany)}
"""Our own words for what the framework says in its English."""
_JSON = (
    "application/json",
    "application/problem+json",
    "application/ld+json",
    "application/vc",
    "application/vc+ld+json",
)

_NO_TEXT = re.compile("[\x00\ud800-\udfff]")


class Problem(BaseModel):
    """Every error of the API: RFC 9457, with our stable `code`. Some codes bring further fields."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    code: str


class PlainJson(DefaultJSONProvider):
    """Reads JSON; nesting too deep for Python is malformed like any other, not a fault of ours.

    So is a text that no database can keep: with a NUL, or half a surrogate pair.
    """

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        try:
            found = super().loads(s, **kwargs)
            if not _can_be_kept(found):
                raise ValueError("a text holds a NUL, or half a surrogate pair")
            return found
        except RecursionError as error:
            raise ValueError("nested too deeply") from error


def _can_be_kept(value: Any) -> bool:
    if isinstance(value, dict):
        return all(_can_be_kept(one) for pair in value.items() for one in pair)
    if isinstance(value, list):
        return all(map(_can_be_kept, value))
    return not (isinstance(value, str) and _NO_TEXT.search(value))


def problem(status: int, code: str, detail: str, **details: object) -> Response:
    """Answer a program: `application/problem+json` (RFC 9457)."""
    body = {"type": f"urn:streetwise:{code}", "title": code.replace("_", " "), "status": status, "code": code}
    response = jsonify({**body, "detail": detail, **details})
    response.status_code = status
    response.mimetype = "application/problem+json"
    response.headers["Cache-Control"] = "no-store"
    return response


def wants_json() -> bool:
    """Say whether a program asks: by the address, where only programs go, else by what it accepts."""
    if request.path.startswith(
        ("/api/", "/status/", "/metrics", "/ob2/", "/clr/", "/ims/")
    ) or request.path.endswith((".json", ".webmanifest")):
        return True
    return request.accept_mimetypes.best_match(["text/html", *_JSON], "text/html") != "text/html"


def _answer(status: int, code: str, detail: str, **details: object) -> Response:
    if wants_json():
        return problem(status, code, detail, **details)
    return private_page("error.html", status=status, code=code, detail=detail)


def as_sent(document: dict[str, Any]) -> dict[str, Any]:
    """Return an OpenAPI document with its errors as they are sent: the library takes them for plain JSON."""
    schema = {"$ref": "#/components/schemas/Problem"}
    for operations in document["paths"].values():
        for operation in operations.values():
            for status, response in operation["responses"].items():
                if status >= "400":
                    response["content"] = {"application/problem+json": {"schema": schema}}
    document["components"]["schemas"].pop("ValidationErrorModel", None)
    document["components"] = {name: part for name, part in document["components"].items() if part is not None}
    return document


def init_app(app: Flask) -> None:
    app.json = PlainJson(app)

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
        plainly = _PLAINLY.get(status, DomainError)()
        code = plainly.code if status in _PLAINLY else error.name.lower().replace(" ", "_")
        answer = _answer(status, code, str(plainly))
        for name, value in error.get_headers():
            if name in ("Retry-After", "Allow"):
                answer.headers[name] = value
        return answer

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        # The rule and not the path, which may hold a typed code.
        current_app.logger.exception("Unexpected error at %s %s", request.method, request.url_rule)
        if current_app.testing or current_app.debug:
            raise error
        detail = gettext("Something went wrong here. It was noted. Please try again in a moment.")
        return _answer(InternalServerError.code, "unexpected", detail)


def invalid_request(error: ValidationError) -> Response:
    """Say where a request body is not what the API describes."""
    wrong = [{"at": "/".join(map(str, one["loc"])), "why": one["msg"]} for one in error.errors()]
    return problem(422, "invalid_request", gettext("The request is not of the expected form."), errors=wrong)
