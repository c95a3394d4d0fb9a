"""What guards every request: headers, and a stop for forms that come from other sites."""

from urllib.parse import urlsplit

from flask import Flask, Request, Response, request

from server.core.errors import CrossSite, NotFound, WrongMediaType

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
    )
)

TLS_ONLY = "max-age=31536000; includeSubDomains"
DRAWING_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""For an SVG that somebody opens by itself: it may draw, and nothing else."""
FOR_PROGRAMS = ("/oauth/token", "/oauth/register", "/oauth/revoke")
"""Other sites' programs call these; no cookie says who asks, so no other site can misuse anybody's."""
_SAFE = ("GET", "HEAD", "OPTIONS")
_FORMS = ("", "application/x-www-form-urlencoded", "multipart/form-data")


def init_app(app: Flask, public_host: str, secure: bool) -> None:
    @app.before_request
    def check() -> None:
        if "\0" in request.path or b"%00" in request.query_string:
            raise NotFound()  # PostgreSQL's texts cannot hold it, so nothing is called so
        _stop_cross_site(request, public_host)
        _check_form(request)

    @app.after_request
    def add_headers(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", _POLICY)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "no-referrer")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", "camera=(self), geolocation=(self), microphone=(self)")
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
