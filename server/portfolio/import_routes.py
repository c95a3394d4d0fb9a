"""The API by which a phone brings in badges from elsewhere, has them checked again, and removes them.

Every call is signed by the device, over method, path and what it sends: see sync/README.md.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime

from flask import Response, current_app, jsonify, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import RawModel
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, Field

from server.core.answers import speak_sync
from server.core.db import db, utc_now, writing
from server.core.limits import JSON, limiter, take_at_most
from server.core.problems import Problem
from server.core.roles import DEVICE, needs
from server.portfolio import imports
from server.replicas.checking import check_blob_call
from server.replicas.schemas import UUID

api = APIBlueprint("imports", __name__, url_prefix="/api", abp_tags=[Tag(name="imports")])
_RATE = "30 per minute"


class ImportPath(BaseModel):
    id: str = Field(pattern=UUID, description="the imported badge's id")


class ImportHeaders(BaseModel):
    sync_device: str = Field(default="", alias="Sync-Device")
    sync_signature: str = Field(
        default="",
        alias="Sync-Signature",
        description="over `{METHOD} {path} {SHA-256 of the body in hex}` in UTF-8",
    )


class ImportContent(RawModel):
    mimetypes = ["application/octet-stream"]


class ImportedCheck(BaseModel):
    name: str = Field(description="signature, issuer, status or dates")
    state: str = Field(description="ok, failed or unchecked")
    words: str


class Imported(BaseModel):
    """A badge from elsewhere, as its row of the feed has it."""

    id: str = Field(pattern=UUID)
    name: dict[str, str]
    issuer: str
    kind: str = Field(description="the media type of what was brought in")
    state: str = Field(description="ok, failed or unchecked: the weakest of the checks")
    checks: list[ImportedCheck]
    description: str
    image: str | None = Field(description="a data: address, or null")
    checked_at: str
    created_at: str


@api.before_request
def check_size() -> None:
    is_file = request.method == "POST" and request.path.endswith("/imports")
    take_at_most(imports.MOST_BYTES, ImportContent.mimetypes if is_file else JSON)


api.after_request(speak_sync)


@api.post("/imports", summary="Bring in a badge: its file, its text or its address", responses={200: Imported, **dict.fromkeys((401, 413, 415, 422, 429), Problem)})  # fmt: skip
@limiter.limit(_RATE)
@needs(DEVICE)
def bring_in(header: ImportHeaders, raw: ImportContent) -> Response:
    """Check a badge and keep it. What takes long, other sites' answers, comes before the transaction."""
    learner, now = _learner(header), _now()
    content, report = imports.examine(raw.get_data(), now)
    with writing() as session:
        return jsonify(imports.feed_row(imports.keep(session, learner, content, report, now)))


@api.post("/imports/<id>/check", responses={200: Imported, **dict.fromkeys((401, 404, 422, 429), Problem)})
@limiter.limit(_RATE)
@needs(DEVICE)
def check_again(path: ImportPath, header: ImportHeaders) -> Response:
    """Check a kept badge anew."""
    learner, now = _learner(header), _now()
    report = imports.examine_again(imports.find(db.session(), learner, path.id), now)
    with writing() as session:
        badge = imports.find(session, learner, path.id)
        imports.note(session, badge, report, now)
        return jsonify(imports.feed_row(badge))


@api.delete("/imports/<id>", responses={204: None, **dict.fromkeys((401, 404, 422, 429), Problem)})
@limiter.limit(_RATE)
@needs(DEVICE)
def remove(path: ImportPath, header: ImportHeaders) -> Response:
    """Forget an imported badge and its file."""
    learner = _learner(header)
    with writing() as session:
        imports.remove(session, imports.find(session, learner, path.id), _now())
    return Response(status=204)


def _learner(header: ImportHeaders) -> str:
    """Check that a registered device signed this very call; return whose it is."""
    signed = f"{request.method} {request.path} {hashlib.sha256(request.get_data()).hexdigest()}"
    return check_blob_call(db.session(), header.sync_device, header.sync_signature, signed)


def _now() -> datetime:
    """Read the clock; tests bring their own."""
    clock: Callable[[], datetime] = current_app.extensions.get("streetwise_clock", utc_now)
    return clock()
