"""The application: the only module that knows every domain."""

from functools import partial
from importlib import import_module
from pathlib import Path
from wsgiref.headers import Headers

from flask import Flask
from flask_compress import Compress
from flask_openapi3.models.info import Info
from flask_openapi3.openapi import OpenAPI
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from server.config import Config
from server.core import db, i18n, limits, problems, roles, secrets, security, shell, storage, text

DOMAINS = (
    "cities",
    "audit",
    "accounts",
    "post",
    "organisers",
    "activities",
    "playlists",
    "codes",
    "occurrences",
    "learning",
    "door",
    "badges",
    "frameworks",
    "awarding",
    "portfolio",
    "endorsements",
    "wallets",
    "families",
    "privacy",
    "replicas",
)
WITHOUT_TABLES = ("insights",)
"""Domains that only read what the others keep."""
STATIC = Path(__file__).parents[1] / "pwa" / "static"


def create_app(config: Config | None = None) -> Flask:
    """Make the application. Without a config it reads the environment."""
    config = config or Config.from_environment()
    secrets.make_private(config.instance)
    secrets.token("metrics", config.instance)  # made now, so that who sets up the monitoring finds it
    app = OpenAPI(
        "server",
        info=Info(title="Streetwise", version="1"),
        static_folder=None,
        template_folder="templates",
        doc_ui=False,  # its pages load scripts that our policy forbids; the document itself is below
        validation_error_callback=problems.invalid_request,
        validation_error_status=422,
    )
    app.config.update(
        STREETWISE=config,
        MAX_CONTENT_LENGTH=64 * 1024,  # a form; what takes more says so (`request.max_content_length`)
        MAX_FORM_MEMORY_SIZE=6 * 1024 * 1024,
        TEMPLATES_AUTO_RELOAD=config.dev,
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_BR_LEVEL=5,
        RATELIMIT_STORAGE_URI=config.redis_url or "memory://",
    )
    app.extensions["streetwise_files"] = storage.open_storage(
        config.instance / "files", config.s3_bucket, config.s3_endpoint
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters["markdown"] = text.markdown
    Compress(app)
    i18n.init_app(app)
    shell.init_app(app)
    limits.limiter.init_app(app)
    security.init_app(app, config.public_host, config.secure)
    problems.init_app(app)
    for domain in DOMAINS:
        import_module(f"server.{domain}.models")
    db.init_app(app, config.sqlalchemy_url, config.threads)
    _register_routes(app)
    app.add_url_rule(
        "/api/openapi.json", "openapi", roles.needs(roles.PUBLIC)(lambda: problems.as_sent(app.api_doc))
    )
    roles.check_all(app)
    _serve_static(app, config)
    if config.trusted_proxies:
        n = config.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=n, x_proto=n, x_host=n)  # type: ignore[method-assign]
    return app


def _register_routes(app: OpenAPI) -> None:
    """Register every domain's effects of events (`events`), jobs, what it forgets of a learner (`forgetting`), pages
    (`routes`) and part of the API (`api`)."""
    for domain in (*DOMAINS, *WITHOUT_TABLES):
        for room in ("events", "jobs", "forgetting"):
            if (Path(__file__).parent / domain / f"{room}.py").exists():
                import_module(f"server.{domain}.{room}")
        if not (Path(__file__).parent / domain / "routes.py").exists():
            continue
        module = import_module(f"server.{domain}.routes")
        if hasattr(module, "routes"):
            app.register_blueprint(module.routes)
        if hasattr(module, "api"):
            app.register_api(module.api)


def _serve_static(app: Flask, config: Config) -> None:
    """Serve hashed files for a year, compressed as they were built."""
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        root=str(STATIC),
        prefix="static/",
        autorefresh=config.dev,
        immutable_file_test=r"^/static/dist/.+-[A-Z0-9]{8}\.",
        max_age=3600,
        allow_all_origins=False,
        add_headers_function=partial(_static_headers, config.secure),
    )


def _static_headers(secure: bool, headers: Headers, path: str, url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    if path.endswith(".svg"):
        headers["Content-Security-Policy"] = security.DRAWING_POLICY
    if secure:
        headers["Strict-Transport-Security"] = security.TLS_ONLY
