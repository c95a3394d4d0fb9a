"""The API of sync: push and pull, and evidence files."""

import io
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from flask import Response, current_app, request
from flask_openapi3.blueprint import APIBlueprint
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from server.codes.services import UnknownCode
from server.core.answers import speak_sync
from server.core.db import db, utc_now, writing
from server.core.errors import DomainError, NotFound, TooLarge
from server.core.failpoints import reach
from server.core.i18n import gettext
from server.core.limits import JSON, count, limiter, may_go_on, take_at_most
from server.core.problems import Problem, problem
from server.core.roles import DEVICE, needs
from server.core.secrets import secret
from server.core.storage import files
from server.replicas import blobs, checking, holds, services
from server.replicas.effects import AFTERWARDS
from server.replicas.judging import is_transient
from server.replicas.schemas import (
    BlobContent,
    BlobHeaders,
    BlobPath,
    SyncHeaders,
    SyncReply,
    SyncRequest,
)
from server.replicas.store import SqlStore
from server.replicas.terms import Terms, read_terms
from sync.messages import MAX_BYTES, PROTOCOL, Batch, Malformed, Result
from sync.signatures import HELLO

T = TypeVar("T")
api = APIBlueprint("replicas", __name__, url_prefix="/api")
_BLOB_RATE = "600 per minute"
_GUESSES = "guesses"
_REFUSED: dict[str | int, type[BaseModel] | dict[Any, Any] | None] = dict.fromkeys(
    (401, 413, 415, 422, 429), Problem
)
_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
V = TypeVar("V", bound=Callable[..., Response])


def described(**parameters: type[BaseModel]) -> Callable[[V], V]:
    """Show a view's parameters in OpenAPI, and leave reading them to the view.

    The library builds the JSON schema of a model anew for every request that it reads.
    """

    def mark(view: V) -> V:
        view.__annotations__ = {**view.__annotations__, **parameters}
        view.__delay_validate_request__ = True  # type: ignore[attr-defined]  # the library's own mark
        return view

    return mark


class TooOld(DomainError):
    status, code = 426, "too_old"

    def explain(self) -> str:
        return gettext("This app is too old for the server. Please open the page again.")


class MalformedBatch(DomainError):
    status, code = 422, "malformed"


@api.before_request
def check_size() -> None:
    """Stop what is too large or of the wrong kind before anything reads it."""
    is_batch = request.path == "/api/sync"
    take_at_most(MAX_BYTES if is_batch else blobs.WHOLE_BYTES, JSON if is_batch else BlobContent.mimetypes)


api.after_request(speak_sync)


@api.post("/sync", responses={200: SyncReply, 426: Problem, 503: Problem, **_REFUSED})
@described(header=SyncHeaders, body=SyncRequest)
@needs(DEVICE)
def sync() -> Response:
    """Push events and pull what is new."""
    if request.headers.get("Sync-Proto") != PROTOCOL:
        raise TooOld()
    raw, now = request.get_data(), _now()
    try:
        batch = Batch.from_bytes(raw)
    except Malformed as error:
        raise MalformedBatch(str(error), where=error.where) from error
    checked = checking.check_batch(db.session(), batch, raw, request.headers.get("Sync-Signature", ""))
    for _ in range(checked.newcomers):
        _count_newcomer()
    try:
        results, numbered = _apply(checked, now) if checked.new else (checked.results, {})
        reach("after_commit_before_reply")
    except DBAPIError as error:
        return _busy(error)
    _count_guesses(results)
    _wake_met(checked, now)
    reply = services.answer(
        db.session(),
        batch,
        results,
        numbered=numbered,
        owner=checking.owner_now(db.session(), batch, checked, results),
        anchor_secret=secret("anchor"),
        at=now,
    )
    _follow(checked, results, now)
    return Response(_COMPACT.encode(reply.to_json()), mimetype="application/json")


def _wake_met(checked: checking.Checked, now: datetime) -> None:
    """Decide what others did with a device that has just said hello. The minute's job does what fails here."""
    newcomers = {event.device for event in checked.new if event.type == HELLO}
    if not holds.are_awaited(db.session(), newcomers):
        return
    try:
        _write(lambda session: holds.wake_met(session, _terms(), now, newcomers))
    except DBAPIError as error:
        current_app.logger.warning("What waited for a new device waits on: %s", error)


def _follow(checked: checking.Checked, results: Sequence[Result], now: datetime) -> None:
    """Do what follows accepted events. A job does what fails here."""
    for type, work in AFTERWARDS.items():
        try:
            if learners := checking.accepted(checked, results, type):
                work(learners, now)
        except Exception:
            current_app.logger.exception("What follows %s waits.", type)


@limiter.limit(lambda: current_app.config["STREETWISE"].device_rate)
def _count_newcomer() -> None:
    """Count a new device of this address; too many are answered 429."""


def _count_guesses(results: Sequence[Result]) -> None:
    """Count codes that do not exist: a network that names too many must wait with typed ones."""
    wrong = sum(one.state == "rejected" and one.why == UnknownCode.code for one in results)
    count(_GUESSES, current_app.config["STREETWISE"].typed_rate, wrong)


def _apply(checked: checking.Checked, now: datetime) -> tuple[list[Result], Mapping[str, int]]:
    """Apply a batch, written at once; event by event when the database refuses something in it.

    Returns the results, and how many rows each feed got by them.
    """
    terms = _terms()

    def write(careful: bool) -> tuple[list[Result], Mapping[str, int]]:
        def once(session: Session) -> tuple[list[Result], Mapping[str, int]]:
            store = SqlStore(session, terms, now, careful=careful)
            return services.apply_batch(session, checked, store), store.numbered

        return _write(once)

    try:
        return write(careful=False)
    except DBAPIError as error:
        if is_transient(error):
            raise
        current_app.logger.warning("A batch could not be written at once: %s", error)
    return write(careful=True)


def _now() -> datetime:
    """Read the clock; tests bring their own."""
    clock: Callable[[], datetime] = current_app.extensions.get("streetwise_clock", utc_now)
    return clock()


def _terms() -> Terms:
    rate = current_app.config["STREETWISE"].typed_rate
    return read_terms(request.host, may_guess=may_go_on(_GUESSES, rate))


def _write(work: Callable[[Session], T]) -> T:
    """Run in a write transaction; when another one was in the way try again, three times in all."""
    for left in reversed(range(services.TRIES)):
        try:
            with writing() as session:
                result = work(session)
                reach("before_commit")
                return result
        except DBAPIError as error:
            if not left or not (is_transient(error) or isinstance(error, IntegrityError)):
                raise
    raise AssertionError("the last try returns or raises")


def _busy(error: DBAPIError) -> Response:
    """Ask the phone for patience when the database has none; anything else is a fault of ours."""
    if not is_transient(error):
        raise error
    current_app.logger.warning("A batch failed %s times: %s", services.TRIES, error)
    response = problem(503, "busy", gettext("The server is busy. Your work is safe on this device."))
    response.headers["Retry-After"] = "5"
    return response


@api.get("/blobs/<sha256>", responses={200: None, 401: Problem, 404: Problem, 429: Problem})
@limiter.limit(_BLOB_RATE)
@needs(DEVICE)
def blob_state(path: BlobPath, header: BlobHeaders) -> Response:
    """Say how much of a file is here: 200, with `Upload-Offset` when it is not whole; 404 when nothing is.

    Meant for HEAD; the file itself is never given out.
    """
    blob = blobs.find(db.session(), _name(path, header))
    if blob is None or not (blob.complete_at or blob.received):
        raise NotFound()
    response = Response(status=200)
    if blob.complete_at is None:
        response.headers["Upload-Offset"] = str(blob.received)
    return response


@api.put("/blobs/<sha256>", responses={204: None, 507: Problem, **_REFUSED})
@limiter.limit(_BLOB_RATE)
@needs(DEVICE)
def put_blob(path: BlobPath, header: BlobHeaders, raw: BlobContent) -> Response:
    """Take a whole file of at most 1 MiB."""
    name, content = _name(path, header), raw.get_data()
    if not blobs.is_intact(name, content):
        raise blobs.HashMismatch()
    if not _is_here(name):
        blobs.check_room(db.session(), name, len(content), _quota())
        _complete(name, io.BytesIO(content))
    return Response(status=204)


@api.patch("/blobs/<sha256>", responses={204: None, 409: Problem, 507: Problem, **_REFUSED})
@limiter.limit(_BLOB_RATE)
@needs(DEVICE)
def patch_blob(path: BlobPath, header: BlobHeaders, raw: BlobContent) -> Response:
    """Take the next piece of a file; answers with `Upload-Offset`, where the one after it begins.

    An empty piece at the end finishes an upload whose pieces are all here.
    """
    name, content = _name(path, header, header.upload_offset), raw.get_data()
    offset, total = header.upload_offset, header.upload_length
    end = offset + len(content)
    if total > _terms().max_blob_bytes or end > total:
        raise TooLarge()
    if not _is_here(name):
        _take_piece(name, content, offset, total)
        if end == total:
            _finish(name)
    return Response(status=204, headers={"Upload-Offset": str(end if not _is_here(name) else total)})


def _name(path: BlobPath, header: BlobHeaders, offset: int = 0) -> blobs.Name:
    """Check who asks, and name the file in that learner's keeping."""
    signed = f"{request.method} {request.path} {offset}"
    learner = checking.check_blob_call(db.session(), header.sync_device, header.sync_signature, signed)
    return blobs.Name(learner, path.sha256)


def _is_here(name: blobs.Name) -> bool:
    blob = blobs.find(db.session(), name)
    return blob is not None and blob.complete_at is not None


def _quota() -> int:
    megabytes: int = current_app.config["STREETWISE"].learner_quota_mb
    return megabytes * 1024 * 1024


def _take_piece(name: blobs.Name, content: bytes, offset: int, total: int) -> None:
    """Store a piece, then count it: killed in between, the phone sends it again to the same place."""
    blob = blobs.find(db.session(), name)
    if (blob.received if blob else 0) != offset:
        raise blobs.WrongOffset(offset=blob.received if blob else 0)
    if not content:
        return
    blobs.check_room(db.session(), name, total, _quota())
    end = offset + len(content)
    files().put(name.piece(offset, end), content)
    reach("after_piece")
    _write(lambda session: blobs.advance(session, name, offset, end, total=total, at=_now()))


def _finish(name: blobs.Name) -> None:
    """Join, check, keep, say so, and only then forget the pieces: killed anywhere, it can be done again."""
    blob = blobs.find(db.session(), name)
    ends = list(blob.pieces) if blob else []
    content = blobs.join(files(), name, ends)
    if content is not None:
        _complete(name, content)
    elif _write(lambda session: blobs.start_again(session, name, ends)):
        raise blobs.HashMismatch()
    blobs.forget_pieces(files(), name)


def _complete(name: blobs.Name, content: io.BytesIO) -> None:
    """Store a file that is whole, then wake what waited for it."""
    size = len(content.getbuffer())
    mime, now, terms = blobs.keep(files(), name, content), _now(), _terms()

    def write(session: Session) -> None:
        blobs.complete(session, name, size=size, mime=mime, at=now)
        if mime and not files().exists(name.key):  # it was forgotten as given up, just now
            blobs.keep(files(), name, content)
        holds.wake_blob(session, name, terms, now)

    reach("before_complete")
    _write(write)
