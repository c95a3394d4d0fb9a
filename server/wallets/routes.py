"""Where wallets register and ask, where a learner answers them, and what a phone shows of it."""

from urllib.parse import urlsplit

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749.errors import InsecureTransportError
from flask import Blueprint, Response, jsonify, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from server.core.answers import speak_sync
from server.core.db import db, utc_now, writing
from server.core.errors import DomainError
from server.core.i18n import LANGUAGES, gettext
from server.core.limits import limiter, take_at_most
from server.core.problems import Problem
from server.core.roles import DEVICE, PUBLIC, needs
from server.core.shell import page, private_page
from server.replicas.checking import check_blob_call
from server.replicas.moments import milliseconds
from server.wallets import services
from server.wallets.clients import READ_PROFILE
from server.wallets.oauth import answer, server
from server.wallets.open_badges import open_badges
from server.wallets.records import records
from server.wallets.schemas import AllowedWallets, Decision, Next, WalletHeaders, WalletPath

routes = Blueprint("wallets", __name__, template_folder="templates")
routes.register_blueprint(open_badges)
routes.register_blueprint(records)
api = APIBlueprint("wallet_choices", __name__, url_prefix="/api", abp_tags=[Tag(name="wallets")])
_LANG = f"<any({','.join(LANGUAGES)}):lang>"
_MOST_BYTES = 64 * 1024


# Wallets


@routes.post("/oauth/register")
@limiter.limit("10 per minute;60 per hour")
@needs(PUBLIC)
def register() -> Response:
    """Register a wallet (RFC 7591)."""
    if request.mimetype != "application/json" or not isinstance(request.get_json(silent=True), dict):
        return _plain({"error": "invalid_client_metadata"}, 400)
    with writing():
        return _to_program(server().create_endpoint_response("client_registration"))


@routes.post("/oauth/token")
@limiter.limit("60 per minute")
@needs(PUBLIC)
def token() -> Response:
    """Give tokens for a code, or new ones for old ones."""
    with writing():
        return _to_program(server().create_token_response())


@routes.post("/oauth/revoke")
@limiter.limit("60 per minute")
@needs(PUBLIC)
def revoke() -> Response:
    """End a token (RFC 7009)."""
    with writing():
        return _to_program(server().create_endpoint_response("revocation"))


@routes.route("/oauth/<any(token,register,revoke):_name>", methods=["OPTIONS"])
@needs(PUBLIC)
def may_call(_name: str) -> Response:
    """Let a wallet that is a web page ask."""
    return _to_program(Response(status=204))


def _plain(body: dict[str, str], status: int) -> Response:
    response = jsonify(body)
    response.status_code = status
    return _to_program(response)


def _to_program(response: Response) -> Response:
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Cache-Control"] = "no-store"
    return response


# Learners


class AskedWrongly(DomainError):
    """A wallet's request that may not even be answered at its address."""

    def explain(self) -> str:
        return gettext(
            "The wallet asked in a way that is not safe. Nothing was given. Please tell its makers."
        )


@routes.get("/oauth/authorize")
@limiter.limit("60 per minute")
@needs(PUBLIC)
def ask_learner() -> Response:
    """Show a learner what a wallet asks for. The answer is signed by their phone, so nothing here knows who they are."""
    try:
        grant = server().get_consent_grant()
    except OAuth2Error as error:
        return _refused(error)
    client = grant.client.row
    return private_page(
        "wallets/consent.html",
        wallet=client.metadata_,
        asked=request.args.to_dict(),
        scopes=grant.request.scope.split(),
    )


def _refused(error: OAuth2Error) -> Response:
    """Tell the person, with a way back to the wallet if that is known to be its address.

    Nobody is sent there by itself: anybody can register a wallet, so a link of ours would lead wherever its maker
    wants (RFC 9700, section 4.11.2).
    """
    wrong = AskedWrongly(why=str(error.error))
    if not error.redirect_uri or isinstance(error, InsecureTransportError):
        raise wrong
    _, _, headers = error()
    back = dict(headers)["Location"]
    return private_page("wallets/refused.html", status=wrong.status, why=str(wrong), back=back)


@routes.get(f"/{_LANG}/wallets")
@needs(PUBLIC)
def wallets_page(lang: str) -> Response:
    """A place for what the phone knows: which wallets may read."""
    return page("wallets/wallets.html")


# Their phones


@api.before_request
def check_size() -> None:
    take_at_most(_MOST_BYTES)


api.after_request(speak_sync)


@api.get("/wallets", responses={200: AllowedWallets, 401: Problem, 429: Problem})
@limiter.limit("60 per minute")
@needs(DEVICE)
def list_wallets(header: WalletHeaders) -> Response:
    """List the wallets that the device's learner allows something."""
    learner = _learner(header, f"GET {request.path} 0")
    return jsonify(
        wallets=[
            {
                "id": grant.id,
                "name": client.metadata_["client_name"],
                "uri": client.metadata_.get("client_uri", ""),
                "scopes": grant.scope.split(),
                "awards": grant.awards,
                "since": milliseconds(grant.created_at),
                "used": milliseconds(grant.used_at) if grant.used_at else None,
            }
            for grant, client in services.grants_of(db.session(), learner)
        ]
    )


@api.post("/wallets/answer", responses={200: Next, **dict.fromkeys((400, 401, 413, 415, 422, 429), Problem)})
@limiter.limit("30 per minute")
@needs(DEVICE)
def answer_wallet(header: WalletHeaders, body: Decision) -> Response:
    """Give a wallet what its learner chose, or a no; the body as it came is what the device signed."""
    learner = _learner(header, request.get_data(as_text=True))
    with writing() as session:
        awards = None if body.awards is None else services.own_awards(session, learner, body.awards)
        try:
            url = answer(body.asked, learner if body.allowed else None, awards)
        except OAuth2Error as error:
            raise AskedWrongly(why=str(error.error)) from error
    return jsonify(url=url)


@api.delete("/wallets/<wallet>", responses={204: None, 401: Problem, 404: Problem, 429: Problem})
@limiter.limit("60 per minute")
@needs(DEVICE)
def withdraw_wallet(path: WalletPath, header: WalletHeaders) -> Response:
    """End what a wallet is allowed, at once."""
    learner = _learner(header, f"DELETE {request.path} 0")
    with writing() as session:
        services.withdraw(session, learner, path.wallet, utc_now())
    return Response(status=204)


def _learner(header: WalletHeaders, signed: str) -> str:
    """Return whose device signed. Raises NotProven."""
    return check_blob_call(db.session(), header.sync_device, header.sync_signature, signed)


def wallet_reads(scopes: list[str]) -> list[str]:
    """Say in plain words what a wallet wants."""
    words = [gettext("the badges that you choose")]
    if READ_PROFILE in scopes:
        words.append(gettext("a number that stands for you in this wallet only; no name, no address"))
    if "offline_access" in scopes:
        words.append(gettext("and to look again later, until you say stop"))
    return words


def host_of(address: str) -> str:
    return urlsplit(address).netloc


routes.add_app_template_global(wallet_reads)
routes.add_app_template_filter(host_of)
