"""Where phones say what their learner wants to be told."""

from flask import Blueprint, Response, current_app, jsonify, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from server.core.answers import speak_sync
from server.core.db import db, utc_now, writing
from server.core.limits import limiter, take_at_most
from server.core.problems import Problem
from server.core.roles import DEVICE, PUBLIC, needs
from server.post import push
from server.post.push import Chosen
from server.post.pushing import check_subscription, public_key
from server.post.schemas import PushChoice, PushHeaders, PushKey
from server.replicas.checking import check_blob_call

routes = Blueprint("post", __name__, template_folder="templates")
api = APIBlueprint("push", __name__, url_prefix="/api", abp_tags=[Tag(name="push")])
_MOST_BYTES = 8 * 1024


@routes.app_template_global()
def mails_stay_here() -> bool:
    """Say whether no mail server is set, so that mails become files."""
    return not current_app.config["STREETWISE"].smtp_url


@api.before_request
def check_size() -> None:
    take_at_most(_MOST_BYTES)


api.after_request(speak_sync)


@api.get("/push/key", responses={200: PushKey})
@needs(PUBLIC)
def push_key() -> Response:
    """Tell our public key, which a browser wants to know before it lets us write to it."""
    return jsonify(key=public_key())


@api.post("/push", responses={204: None, **dict.fromkeys((401, 413, 415, 422, 429), Problem)})
@limiter.limit("30 per minute")
@needs(DEVICE)
def choose_push(header: PushHeaders, body: PushChoice) -> Response:
    """Keep what a device's learner wants to be told; the body as it came is what the device signed."""
    learner = check_blob_call(
        db.session(), header.sync_device, header.sync_signature, request.get_data(as_text=True)
    )
    check_subscription(body.endpoint, body.p256dh, body.auth)
    chosen = Chosen(body.endpoint, body.p256dh, body.auth, body.lang, list(body.kinds))
    with writing() as session:
        push.subscribe(session, learner, header.sync_device, chosen, utc_now())
    return Response(status=204)


@api.delete("/push", responses={204: None, **dict.fromkeys((401, 422, 429), Problem)})
@limiter.limit("30 per minute")
@needs(DEVICE)
def end_push(header: PushHeaders) -> Response:
    """Tell a device nothing any more."""
    check_blob_call(db.session(), header.sync_device, header.sync_signature, f"DELETE {request.path} 0")
    with writing() as session:
        push.unsubscribe(session, header.sync_device)
    return Response(status=204)
