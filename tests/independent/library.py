"""openbadgeslib, a published Python library for Open Badges, asked about a badge; it fetches only what is given."""

import json

from openbadgeslib.ob2 import OB2Verifier
from openbadgeslib.ob3 import OB3LdpVerifier, OB3Verifier
from openbadgeslib.verify import issuer_did_from_document, issuer_did_from_token

_NOT_TAKEN = (
    "supported cryptosuites",
    "carries 'expirationDate'",
    "unsupported credentialStatus type",
    "is not allowed for this key",
    "JWT kid 'https:",
    "'ClrCredential']",
    "'EndorsementCredential']",
)
"""How it says that it does not know a kind: other suites, the older data model, other lists, keys in the header or
at an address, records, endorsements."""


def verify(content: bytes, pages: dict[str, str]) -> str:
    """Return "ok", "no", or "-" where the library does not take this kind."""

    def download(url: str, *_more: object, **_options: object) -> bytes:
        return pages[url].encode()

    try:
        text = _text(content)
        if text.startswith("http"):
            text = pages[text]
        _judge(text, download)
    except Exception as error:  # of the library's many kinds
        return "-" if any(phrase in str(error) for phrase in _NOT_TAKEN) else "no"
    return "ok"


def _judge(text: str, download: object) -> None:
    if text.startswith("{"):
        document = json.loads(text)
        if document.get("type") == "Assertion":
            OB2Verifier(download=download).verify_hosted(text, check_revocation=True)
        else:
            verifier = OB3LdpVerifier.for_issuer_did(issuer_did_from_document(text), download=download)
            verifier.verify(text, check_status=True, verify_status_list=False, download=download)
    elif '"Assertion"' in _payload(text):
        OB2Verifier(download=download).verify(text, check_revocation=True)
    else:
        verifier = OB3Verifier.for_issuer_did(issuer_did_from_token(text), download=download)
        verifier.verify(text, check_status=True, verify_status_list=False, download=download)


def _payload(token: str) -> str:
    import base64

    part = token.split(".")[1]
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode()


def _text(content: bytes) -> str:
    kind = "png" if content.startswith(b"\x89PNG") else "svg" if content.lstrip().startswith(b"<") else ""
    if not kind:
        return content.decode().strip()
    first = (
        OB3Verifier
        if b"openbadgecredential" in content or b"openbadges:credential" in content
        else OB2Verifier
    )
    return getattr(first, f"extract_token_from_{kind}")(content)
