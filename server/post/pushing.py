"""Brings a message to a browser's push service: encrypted for that browser (RFC 8291), signed as ours (VAPID, RFC 8292)."""

import base64
import http.client
import json
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask import current_app

from server.core.errors import DomainError
from server.core.i18n import gettext
from server.core.outside import NotReached, Outside, take_apart
from server.core.secrets import secret
from server.post.delivery import read_settings
from server.post.models import PushSubscription

SECONDS = 8.0
KEPT_S = 24 * 3600
"""How long a push service keeps a message for a phone that is off."""
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_GONE = (404, 410)


class SubscriptionInvalid(DomainError):
    """Something that no browser sends: an address that is not public, or keys that are none."""

    status, code = 422, "subscription_invalid"

    def explain(self) -> str:
        return gettext("This browser cannot be told anything. Please try another one.")


def server_key() -> ec.EllipticCurvePrivateKey:
    """Our own key: browsers take messages from nobody else. With another one all phones have to be asked anew."""
    return ec.derive_private_key(int.from_bytes(secret("push")) % (_P256_ORDER - 1) + 1, ec.SECP256R1())


def public_key() -> str:
    """The key as browsers want it: an uncompressed point, base64url."""
    point = server_key().public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(point).decode().rstrip("=")


def check_subscription(endpoint: str, p256dh: str, auth: str) -> None:
    """Raise SubscriptionInvalid for what we could never send to. The host's addresses are looked at with each message."""
    try:
        take_apart(endpoint)
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _read(p256dh))
        fits = len(_read(auth)) == 16
    except (NotReached, ValueError) as error:
        raise SubscriptionInvalid() from error
    if not fits:
        raise SubscriptionInvalid()


def _read(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def push(phone: PushSubscription, words: dict[str, Any], outside: Outside) -> str:
    """Bring words to a phone's push service; say `told`, `gone` (nobody lives there any more) or `failed`."""
    content, headers = seal(phone, words)

    def talk(connection: http.client.HTTPConnection, path: str) -> int:
        connection.request("POST", path, content, headers)
        return connection.getresponse().status

    try:
        status = outside.ask(phone.endpoint, talk, SECONDS)
    except (NotReached, OSError, ValueError, http.client.HTTPException):
        return "failed"
    return "told" if 200 <= status < 300 else "gone" if status in _GONE else "failed"


def seal(phone: PushSubscription, words: dict[str, Any]) -> tuple[bytes, dict[str, str]]:
    """Encrypt words for one browser; return them with the headers that go along."""
    from py_vapid import Vapid02
    from pywebpush import WebPusher  # half a second to import, and only the clock needs it

    keys = {"p256dh": phone.p256dh, "auth": phone.auth}
    said = json.dumps(words, ensure_ascii=False).encode()
    sealed: bytes = WebPusher({"endpoint": phone.endpoint, "keys": keys}).encode(said)["body"]
    at = urlsplit(phone.endpoint)
    contact = current_app.config["STREETWISE"].push_contact or read_settings().sender
    signed = Vapid02(server_key()).sign({"aud": f"https://{at.netloc}", "sub": f"mailto:{contact}"})
    return sealed, {
        **signed,
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(KEPT_S),
        "Topic": words["kind"],  # a newer one takes the place of one that was not brought yet
        "Urgency": "normal",
    }
