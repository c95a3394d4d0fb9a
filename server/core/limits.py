"""Rate limits on everything that guesses, enumerates or registers."""

from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

limiter = Limiter(key_func=get_remote_address, headers_enabled=True)
"""Decorate a route with `@limiter.limit(lambda: current_app.config["STREETWISE"].typed_rate)`."""
