"""Mail addresses: read strictly, so that nothing but one address ever gets into a header or to a mail server."""

import re
from urllib.parse import urlsplit

from server.core.errors import DomainError
from server.core.i18n import gettext

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*\Z")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\Z")
MOST = 254


class AddressInvalid(DomainError):
    """What was written is no mail address that we can write to."""

    status, code = 422, "address_invalid"

    def explain(self) -> str:
        return gettext("This is no mail address. It should look like name@example.org.")


def read_address(written: str) -> str:
    """Read one mail address, as we keep and compare it: in lower case, its host as DNS has it.

    RFC 5321 allows more (quoted parts, bare IP addresses) that nobody has and that trick mail programs.
    Raises AddressInvalid.
    """
    local, _, host = written.strip().rpartition("@")
    try:
        host = host.encode("idna").decode().lower()
    except UnicodeError:
        raise AddressInvalid() from None
    labels = host.split(".")
    fits = len(local) <= 64 and len(local) + len(host) < MOST
    if not fits or not _LOCAL.match(local) or len(labels) < 2 or not all(map(_LABEL.match, labels)):
        raise AddressInvalid()
    return f"{local}@{host}".lower()


def shorten(address: str) -> str:
    """Show an address to somebody who knows it, and to nobody else: `a…a@example.org`."""
    local, _, host = address.rpartition("@")
    return f"{local[:1]}…{local[-1:] if len(local) > 2 else ''}@{host}"


def default_sender(base_url: str) -> str:
    """The sender where none is set."""
    return f"no-reply@{urlsplit(base_url).hostname}"
