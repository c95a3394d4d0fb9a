"""What learners do with their badges, on the web."""

from server.portfolio.import_routes import api

__all__ = ["api"]
