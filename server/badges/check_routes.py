"""The check of any badge: pasted, as a file, by its address, or read from a code by the camera."""

from collections.abc import Callable
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from flask import Blueprint, Response, request

from server.badges import services, verification
from server.badges.models import Award
from server.badges.resolver import OwnRecords, resolver
from server.badges.verification import AddressNotRead, Report
from server.badges.verification.shown import show
from server.core.db import utc_now
from server.core.errors import DomainError
from server.core.i18n import gettext
from server.core.limits import limiter
from server.core.roles import PUBLIC, needs
from server.core.shell import absolute, page, private_page

checks = Blueprint("checks", __name__, template_folder="templates")

_FORM_LIMIT = verification.LIMIT + 1024 * 1024
_ADDRESSES = ("http://", "https://")


@checks.get("/verify")
@needs(PUBLIC)
def check() -> Response:
    """Show the check, or check the badge of ours whose address is given."""
    address = request.args.get("address", "").strip()
    if address:
        return _checked(lambda records: _ours(address).signed, address)
    return page("badges/verify.html", vary="Accept-Language", report=None, problem=None, address="")


@checks.post("/verify")
@limiter.limit("30 per minute")
@needs(PUBLIC)
def check_given() -> Response:
    """Check a badge that was pasted, uploaded, or named by its address."""
    request.max_content_length = _FORM_LIMIT
    address = request.form.get("address", "").strip()
    return _checked(lambda records: _given(address, records), address)


def _checked(read: Callable[[OwnRecords], bytes], address: str) -> Response:
    report: Report | None = None
    problem = None
    try:
        now = utc_now()
        records = resolver(now)
        report = verification.verify(read(records), records, now)
    except DomainError as error:
        problem = error
    return private_page(
        "badges/verify.html",
        status=problem.status if problem else 200,
        report=report,
        problem=problem,
        address=address,
        shown=report and show(report.document),
    )


def _given(address: str, records: OwnRecords) -> bytes:
    upload = request.files.get("file")
    if upload and upload.filename:
        return upload.stream.read(verification.LIMIT + 1)
    pasted = request.form.get("badge", "").strip()
    if pasted.startswith(_ADDRESSES) and len(pasted) < 2000:
        return _at(pasted, records)
    if pasted:
        return pasted.encode("utf-8", "surrogatepass")
    if address:
        return _at(address, records)
    raise NothingGiven()


class NothingGiven(DomainError):
    code = "nothing_given"

    def explain(self) -> str:
        return gettext("Please choose a file, paste a badge, or give its address.")


class AddressNotOurs(DomainError):
    status, code = 422, "address_not_ours"

    def explain(self) -> str:
        return gettext(
            "We only open addresses of this site. Save the badge as a file there, and choose the file here."
        )


def _at(address: str, records: OwnRecords) -> bytes:
    """Read the badge at an address: ours from our records, another site's if the operator allows it."""
    older = address.startswith(absolute("/ob2/assertions/"))
    if not older and (records.is_ours(address) or not records.asks_outside):
        return _ours(address).signed
    fetched = records.fetch(address)
    if fetched is None or (fetched.status != 200 and not older):  # ours says itself that it was withdrawn
        raise AddressNotRead()
    return fetched.content


def _ours(address: str) -> Award:
    """Find the badge of ours behind an address, of its page or of one of its files."""
    if not address.startswith(absolute("/credentials/")):
        raise AddressNotOurs()
    return services.find_credential(PurePosixPath(urlsplit(address).path).stem)
