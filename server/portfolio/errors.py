"""Why something of a learner's is not shown, or not taken."""

from server.core.errors import DomainError
from server.core.i18n import gettext


class UnknownAward(DomainError):
    status, code = 404, "unknown_award"

    def explain(self) -> str:
        return gettext("This badge is not one of yours.")


class UnknownCollection(DomainError):
    status, code = 404, "unknown_collection"

    def explain(self) -> str:
        return gettext("There is no such collection.")


class UnknownLink(DomainError):
    status, code = 404, "unknown_link"

    def explain(self) -> str:
        return gettext("There is no such link. Please check that you have all of it.")


class LinkOver(DomainError):
    status, code = 410, "link_over"

    def explain(self) -> str:
        return gettext("This link has ended. Ask the person who gave it to you for a new one.")


class NotShown(DomainError):
    status, code = 403, "not_shown"

    def explain(self) -> str:
        return gettext("The holder shows this to nobody at present.")
