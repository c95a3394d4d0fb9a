"""Finds an issuer's keys, and says who the issuer is: an organiser of ours, a domain, or only a key."""

import re
from contextlib import suppress
from urllib.parse import unquote, urlsplit

from server.badges.canonical import Document
from server.badges.verification.keys import Key, read_key, read_multikey
from server.badges.verification.report import FAILED, OK, UNCHECKED, Check, as_list
from server.badges.verification.resolving import Resolver
from server.badges.verification.strict_json import parse
from server.badges.verification.tokens import decode_part
from server.core.i18n import gettext

_MOST_KEYS = 50
_WEB = re.compile(r"did:web:[A-Za-z0-9.\-]+(%3A\d{1,5})?(:[A-Za-z0-9._~%\-]+)*\Z")


def issuer_id(document: Document) -> str:
    """Read the issuer's DID or address, which may stand alone or in a profile."""
    issuer = document.get("issuer")
    found = issuer.get("id") if isinstance(issuer, dict) else issuer
    return found if isinstance(found, str) else ""


def find_key(method: str, issuer: str, resolver: Resolver) -> Key | None:
    """Find a key that the issuer may sign with, old ones too.

    None when we cannot know; ValueError when we know that the issuer has no such key.
    """
    if not issuer or not _is_of(method, issuer):
        raise ValueError("another's key")
    if issuer.startswith("did:"):
        keys = find_keys(issuer, resolver)
        if keys is not None and method not in keys:
            raise ValueError("no such key")
        return keys[method] if keys else None
    document = _fetch(method, resolver)
    return None if document is None else read_key(_only(document, method))


def find_keys(issuer: str, resolver: Resolver) -> dict[str, Key] | None:
    """Find all keys by which a DID may sign. None when we cannot know; ValueError when there is no such DID."""
    kind = ":".join(issuer.split(":", 2)[:2])
    if kind == "did:key":
        name = issuer.removeprefix("did:key:")
        return {f"{issuer}#{name}": read_multikey(name)}
    if kind == "did:jwk":
        return {f"{issuer}#0": read_key(parse(decode_part(issuer.removeprefix("did:jwk:"))))}
    known = resolver.issuer(issuer)
    if known is None and resolver.is_ours(issuer):
        raise ValueError("no such issuer")
    document = known.document if known else _fetch(_place(issuer), resolver)
    return None if document is None else _signing_keys(document, issuer)


def _signing_keys(document: Document, did: str) -> dict[str, Key]:
    """Read the keys that a DID document allows for claims."""
    if document.get("id") != did:
        raise ValueError("the document of another")
    found = {}
    allowed = as_list(document.get("assertionMethod"))[:_MOST_KEYS]
    methods = as_list(document.get("verificationMethod"))[:_MOST_KEYS]
    for one in [*methods, *(inner for inner in allowed if isinstance(inner, dict))]:
        name = _absolute(one.get("id"), did) if isinstance(one, dict) else ""
        is_allowed = name and (one in allowed or one["id"] in allowed or name in allowed)
        if is_allowed and _absolute(one.get("controller", did), did) == did:
            with suppress(ValueError):  # a key of a kind that we do not read spoils no other
                found[name] = read_key(one)
    return found


def _absolute(name: object, did: str) -> str:
    return "" if not isinstance(name, str) else did + name if name.startswith("#") else name


def _place(did: str) -> str:
    """Say where a did:web keeps its document; empty for all other DIDs."""
    if not _WEB.match(did):
        return ""
    host, *path = did.removeprefix("did:web:").split(":")
    return f"https://{unquote(host)}/" + ("/".join([*path, "did.json"]) if path else ".well-known/did.json")


def _fetch(url: str, resolver: Resolver) -> Document | None:
    """Read a key document; a site that answers with nonsense has told us nothing."""
    fetched = resolver.fetch(url) if url else None
    if fetched is None or fetched.status != 200:
        return None
    try:
        return parse(fetched.content)
    except ValueError:
        return None


def _only(document: Document, method: str) -> object:
    """Choose the key that a method names, where a document holds several."""
    keys = document.get("keys")
    if not isinstance(keys, list):
        return document
    wanted = (method, method.rpartition("#")[2])
    found = [key for key in keys if isinstance(key, dict) and key.get("kid") in wanted]
    if len(found) != 1:
        raise ValueError("no such key")
    return found[0]


def _is_of(method: str, issuer: str) -> bool:
    """Say whether a key's name is one that this issuer could give."""
    if issuer.startswith("did:"):
        return method.partition("#")[0] == issuer
    return is_same_site(method, issuer)


def is_same_site(one: str, other: str) -> bool:
    """Say whether two addresses are of one https site."""
    try:
        first, second = urlsplit(one), urlsplit(other)
        return (
            first.scheme == second.scheme == "https" and bool(first.netloc) and first.netloc == second.netloc
        )
    except ValueError:
        return False


def check_issuer(document: Document, signature: Check, resolver: Resolver) -> Check:
    """Say who the issuer is, and who vouches for them."""
    return judge_issuer(issuer_id(document), signature, resolver)


def judge_issuer(issuer: str, signature: Check, resolver: Resolver) -> Check:
    known = resolver.issuer(issuer)
    if known:
        words = gettext("%(name)s issued it. We know this organiser and its keys.", name=known.name)
        return Check("issuer", OK, words)
    if resolver.is_ours(issuer):
        return Check("issuer", FAILED, gettext("It names an organiser of this site that does not exist."))
    place = urlsplit(_place(issuer) or issuer) if signature.state == OK else None
    if place and place.scheme == "https" and place.hostname:
        return Check("issuer", OK, _domain_words(place.netloc, issuer), place.netloc[:120])
    words = gettext(
        "We do not know this issuer, so we cannot say who stands behind it: %(did)s", did=issuer[:120] or "–"
    )
    return Check("issuer", UNCHECKED, words)


def _domain_words(domain: str, issuer: str) -> str:
    return gettext(
        "The web site %(domain)s says that it is theirs: %(did)s. Nobody here vouches for that site. Is it the "
        "organisation's real address?",
        domain=domain,
        did=issuer[:120],
    )
