"""What guards every request: headers, a stop for forms that come from other sites, and for texts that are none."""

from base64 import b64encode
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Request, Response, request
from werkzeug.formparser import FormDataParser

from server.core.errors import CrossSite, NoText, NotFound, WrongMediaType

RIBBON_STYLE = "@media(max-width:119px){text{display:none}}"
"""The one style inside a drawing: a small badge leaves out the words of its ribbon."""


def hash_of(text: str) -> str:
    """Name an inline script or style in a policy, so that it alone may be used: `sha256-…`."""
    return "sha256-" + b64encode(sha256(text.encode()).digest()).decode()


_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self' 'wasm-unsafe-eval'",  # the QR decoder is WebAssembly
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",  # a page that makes markup of a string stops there
        "trusted-types streetwise",  # pwa/app/sync/worker-address.js has the one policy: the worker's address
    )
)
_FEATURES = ", ".join(
    f"{feature}={who}"
    for who, features in {
        "(self)": "camera clipboard-write fullscreen geolocation microphone publickey-credentials-create"
        " publickey-credentials-get screen-wake-lock",
        "()": "accelerometer bluetooth browsing-topics display-capture gyroscope hid idle-detection"
        " local-fonts magnetometer midi payment serial storage-access sync-xhr usb",
    }.items()
    for feature in features.split()
)
"""What a page may ask of the browser: what we use, and of the rest nothing."""

TLS_ONLY = "max-age=31536000; includeSubDomains"
DRAWING_POLICY = (
    f"default-src 'none'; style-src '{hash_of(RIBBON_STYLE)}'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'; sandbox"
)
"""For an SVG that somebody opens by itself: it may draw, and nothing else."""
FILE_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
"""For what somebody handed in, and whatever else is a file to keep: nothing in it runs, wherever it is opened."""
FOR_PROGRAMS = ("/oauth/token", "/oauth/register", "/oauth/revoke")
"""Other sites' programs call these; no cookie says who asks, so no other site can misuse anybody's."""
_SAFE = ("GET", "HEAD", "OPTIONS")
_FORMS = ("", "application/x-www-form-urlencoded", "multipart/form-data")


class FormReader(FormDataParser):
    """Reads forms; one that holds what no database can keep as text is no form. Raises NoText."""

    def parse(self, *args: Any, **named: Any) -> Any:
        stream, form, files = super().parse(*args, **named)
        words = [*form.keys(), *(text for texts in form.listvalues() for text in texts)]
        if any("\0" in one for one in words):
            raise NoText()
        return stream, form, files


def init_app(app: Flask, public_host: str, secure: bool) -> None:
    app.request_class = type("Request", (app.request_class,), {"form_data_parser_class": FormReader})

    @app.before_request
    def check() -> None:
        if "\0" in request.path or b"%00" in request.query_string:
            raise NotFound()  # PostgreSQL's texts cannot hold it, so nothing is called so
        _stop_cross_site(request, public_host)
        _check_form(request)

    @app.after_request
    def add_headers(response: Response) -> Response:
        headers = response.headers
        if _leads_away(headers.get("Location", ""), (request.host, public_host)):
            headers["Location"] = (
                "/"  # whatever a view was told: nobody is sent to another site by an address of ours
            )
        headers.setdefault("Content-Security-Policy", _POLICY)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "no-referrer")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        headers.setdefault("Origin-Agent-Cluster", "?1")
        if "frame-ancestors 'none'" in headers["Content-Security-Policy"]:
            headers.setdefault("X-Frame-Options", "DENY")  # for browsers that know no frame-ancestors
        if response.mimetype == "text/html":
            headers.setdefault("Permissions-Policy", _FEATURES)
        if secure:
            headers.setdefault("Strict-Transport-Security", TLS_ONLY)
        return response


def _stop_cross_site(request: Request, public_host: str) -> None:
    """Refuse unsafe requests that another site caused.

    Browsers say so themselves in Sec-Fetch-Site; older ones send Origin; programs send neither and carry
    no cookie worth stealing. (OWASP, Cross-Site Request Forgery Prevention, "Fetch Metadata headers".)
    """
    if request.method in _SAFE or request.path in FOR_PROGRAMS:
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site in ("same-origin", "none"):
        return
    origin = request.headers.get("Origin")
    if site is None and (origin is None or _host_of(origin) in (request.host, public_host)):
        return
    raise CrossSite()


def _leads_away(address: str, ours: tuple[str, ...]) -> bool:
    """Say whether a browser would take an address for another site's; it reads `\\` as `/`, and skips control characters."""
    plain = "".join(one for one in address if one > " ").replace("\\", "/")
    try:
        parts = urlsplit(plain)
    except ValueError:
        return True
    return bool(parts.scheme or plain.startswith("//")) and (
        parts.scheme not in ("http", "https") or parts.netloc not in ours
    )


def _host_of(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None


def _check_form(request: Request) -> None:
    """Refuse what is no form at a page's address. The API describes and checks its own bodies."""
    if request.method in _SAFE or request.path.startswith("/api/") or request.path in FOR_PROGRAMS:
        return
    if request.mimetype not in _FORMS:
        raise WrongMediaType()
