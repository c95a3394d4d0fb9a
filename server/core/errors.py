"""Errors a person can act on: each knows its HTTP status, a stable code and a translated sentence."""

from server.core.i18n import gettext


class DomainError(Exception):
    """Something the person or program in front of us can understand and mend."""

    status = 400
    code = "invalid"

    def __init__(self, message: str = "", **details: object) -> None:
        self.details = details
        super().__init__(message or self.explain())

    def explain(self) -> str:
        """Say in the reader's language what was wrong and what to do."""
        return gettext("That could not be done.")


class NotFound(DomainError):
    status, code = 404, "not_found"

    def explain(self) -> str:
        return gettext("There is nothing at this address.")


class Forbidden(DomainError):
    status, code = 403, "forbidden"

    def explain(self) -> str:
        return gettext("You may not do this here.")


class SignInNeeded(DomainError):
    status, code = 401, "sign_in_needed"

    def explain(self) -> str:
        return gettext("Please sign in first.")


class TooLarge(DomainError):
    status, code = 413, "too_large"

    def explain(self) -> str:
        return gettext("This is too large.")


class WrongMediaType(DomainError):
    status, code = 415, "wrong_media_type"

    def explain(self) -> str:
        return gettext("This kind of file or content is not accepted here.")


class NoText(DomainError):
    """What was sent as text holds a NUL, which PostgreSQL's texts cannot."""

    status, code = 422, "no_text"


class TooMany(DomainError):
    status, code = 429, "too_many"

    def explain(self) -> str:
        return gettext("That was a lot at once. Please wait a moment and try again.")


class CrossSite(DomainError):
    status, code = 403, "cross_site"

    def explain(self) -> str:
        return gettext("This came from another site and was stopped. Please open the page again and retry.")


class SettingInvalid(DomainError):
    status, code = 500, "setting_invalid"
