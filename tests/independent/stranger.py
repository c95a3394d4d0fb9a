"""A verifier in Python that shares no code with ours: PyLD's own canonical form, joserfc for tokens.

Written from the specifications, strict, and short: it says yes only to what it has checked to the end.
"""

import base64
import gzip
import json
import zlib
from datetime import datetime
from hashlib import sha256, sha384
from typing import Any

import base58
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from defusedxml import ElementTree
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey
from pyld import jsonld

from server.badges import contexts  # only the pinned bytes
from tests.badges.formats.test_records import CLR, TERMS

Json = dict[str, Any]
ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]


class No(Exception):
    """Whatever is not proven."""


def verify(content: bytes, pages: dict[str, str], now: datetime) -> str:
    """Return "ok" or "no"; all that it may fetch is in `pages`."""
    try:
        _Check(pages, now).content(content)
    except Exception:  # a stranger may stumble; what stumbles is not proven
        return "no"
    return "ok"


def need(holds: Any) -> None:
    if not holds:
        raise No


class _Check:
    def __init__(self, pages: dict[str, str], now: datetime) -> None:
        self.pages, self.now = pages, now

    def page(self, url: str) -> Json:
        return load(self.pages[url])

    def content(self, content: bytes) -> None:
        text = text_of(content)
        if text.startswith("http"):
            text = self.pages[text]
        if text.count(".") == 2 and text.startswith("eyJ"):
            return self.token(text)
        document = load(text)
        if document["type"] == "Assertion":
            return self.hosted(document)
        self.proofs(document)
        self.rest(document)
        self.inside(document)

    def inside(self, document: Json) -> None:
        """Every badge of a record by itself; a record without any proves nothing."""
        if is_record(document):
            badges = document["credentialSubject"]["verifiableCredential"]
            need(badges)
            for one in badges:
                need(not is_record(one))
                self.proofs(one)
                self.rest(one)

    def rest(self, document: Json) -> None:
        """Dates and lists."""
        start = document.get("validFrom") or document["issuanceDate"]
        end = document.get("validUntil") or document.get("expirationDate") or "9999-01-01T00:00:00Z"
        need(moment(start) <= self.now < moment(end))
        if "credentialStatus" in document or not is_record(document):
            self.status(document)

    def proofs(self, document: Json) -> None:
        proofs = document["proof"] if isinstance(document["proof"], list) else [document["proof"]]
        body = {name: value for name, value in document.items() if name != "proof"}
        need(proofs)
        for proof in proofs:
            self.proof(body, proof, issuer_of(document))

    def proof(self, body: Json, proof: Json, issuer: str) -> None:
        suite = proof.get("cryptosuite", proof["type"])
        need(proof["proofPurpose"] == "assertionMethod" and moment(proof["created"]) <= self.now)
        need("expires" not in proof or moment(proof["expires"]) > self.now)
        raw = base58.b58decode(self.method(proof["verificationMethod"], issuer)["publicKeyMultibase"][1:])
        options = {name: value for name, value in proof.items() if name != "proofValue"}
        hashed = sha384 if raw[:2] == b"\x81\x24" else sha256
        if "jcs" in suite:
            need(body["@context"] == options.get("@context"))
            canonical(body)  # all words must be defined
            parts = [jcs(options), jcs(body)]
        else:
            parts = [canonical({**options, "@context": body["@context"]}), canonical(body)]
        message = b"".join(hashed(part.encode()).digest() for part in parts)
        need(proof["proofValue"][0] == "z")
        check(raw, base58.b58decode(proof["proofValue"][1:]), message, suite)

    def method(self, name: str, issuer: str) -> Json:
        need(name.split("#")[0] == issuer)
        document = self.did(issuer)
        need(name in document["assertionMethod"])
        return next(one for one in document["verificationMethod"] if one["id"] == name)

    def did(self, did: str) -> Json:
        host, *path = did.removeprefix("did:web:").split(":")
        need(did.startswith("did:web:"))
        document = self.page(
            f"https://{host}/{'/'.join([*path, 'did.json']) if path else '.well-known/did.json'}"
        )
        need(document["id"] == did)
        return document

    def token(self, text: str) -> None:
        header, payload = (load(unpadded(part)) for part in text.split(".")[:2])
        if payload.get("type") == "Assertion":
            return self.signed_2(text, payload)
        document = {**payload, **payload.get("vc", {})}
        issuer = issuer_of(document)
        need(payload["iss"] == issuer and payload["jti"] == document["id"])
        need(payload["sub"] == document["credentialSubject"]["id"])
        need(payload["nbf"] <= self.now.timestamp() < payload.get("exp", 10**12))
        brought = (
            self.page(header["kid"]) if header.get("kid", "").startswith("https:") else header.get("jwk")
        )
        if brought:
            methods = self.did(issuer)["verificationMethod"]
            keys = [one["publicKeyJwk"] for one in methods if same(one.get("publicKeyJwk"), brought)]
        else:
            keys = [self.method(header["kid"], issuer)["publicKeyJwk"]]
        need(keys)
        open_token(text, keys[0])
        canonical(
            {
                name: value
                for name, value in document.items()
                if name not in ("iss", "jti", "sub", "nbf", "exp", "vc")
            }
        )
        self.rest(document)
        self.inside(document)

    def status(self, document: Json) -> None:
        entry = document["credentialStatus"]
        if entry["type"] == "1EdTechRevocationList":
            listing = self.page(entry["id"])
            need(listing["issuer"] == issuer_of(document))
            return need(document["id"] not in [one["id"] for one in listing["revokedCredential"]])
        start = "revocationList" if entry["type"] == "RevocationList2020Status" else "statusList"
        listing = self.page(entry[f"{start}Credential"])
        need(issuer_of(listing) == issuer_of(document) and listing["id"] == entry[f"{start}Credential"])
        need(listing["credentialSubject"].get("statusPurpose") == entry.get("statusPurpose"))
        need(
            entry["type"].removesuffix("Entry").removesuffix("Status") == listing["credentialSubject"]["type"]
        )
        self.proofs(listing)
        need(moment(listing.get("validUntil", "9999-01-01T00:00:00Z")) > self.now)
        encoded = listing["credentialSubject"]["encodedList"]
        bits = gzip.decompress(
            unpadded(
                encoded.removeprefix("u")
                if start == "statusList" and entry["type"].startswith("Bit")
                else encoded
            )
        )
        index = int(entry[f"{start}Index"])
        need(index >= 0 and not bits[index // 8] >> (7 - index % 8) & 1)

    # Open Badges 2.0

    def hosted(self, given: Json) -> None:
        hosted = self.page(given["id"])
        need(hosted == given and not hosted.get("revoked") and given["verification"]["type"] == "HostedBadge")
        profile = self.profile(given)
        need(site(given["id"]) == site(profile["id"]))

    def profile(self, given: Json) -> Json:
        need(moment(given["issuedOn"]) <= self.now < moment(given.get("expires", "9999-01-01T00:00:00Z")))
        badge = self.page(given["badge"]) if isinstance(given["badge"], str) else given["badge"]
        profile = self.page(badge["issuer"] if isinstance(badge["issuer"], str) else badge["issuer"]["id"])
        need(site(badge["id"]) == site(profile["id"]))
        return profile

    def signed_2(self, text: str, given: Json) -> None:
        profile = self.profile(given)
        creator = given["verification"]["creator"]
        key = self.page(creator)
        need(profile["publicKey"] == creator and key["owner"] == profile["id"] and key["id"] == creator)
        jws.deserialize_compact(text, RSAKey.import_key(key["publicKeyPem"]), algorithms=["RS256"])
        listing = self.page(profile["revocationList"])
        need(listing["issuer"] == profile["id"])
        need(
            given["id"]
            not in [one if isinstance(one, str) else one["id"] for one in listing["revokedAssertions"]]
        )


def is_record(document: Json) -> bool:
    return "ClrCredential" in document["type"]


def load(text: str | bytes) -> Json:
    def once(pairs: list[tuple[str, Any]]) -> Json:
        need(len(dict(pairs)) == len(pairs))
        return dict(pairs)

    def refuse(_name: str) -> None:
        raise No

    found: Json = json.loads(text, object_pairs_hook=once, parse_constant=refuse)
    return found


def text_of(content: bytes) -> str:
    if content.startswith(b"\x89PNG"):
        return _text_of_png(content)
    text = content.decode().strip()
    if not text.startswith("<"):
        return text
    root = ElementTree.fromstring(content)
    found = [one for one in root if one.tag.rpartition("}")[2] in ("credential", "assertion")]
    need(len(found) == 1)
    return found[0].get("verify") or (found[0].text or "").strip()


def _text_of_png(content: bytes) -> str:
    at = 8
    found: dict[bytes, list[bytes]] = {b"openbadgecredential": [], b"openbadges": []}
    while at < len(content):
        size, kind = int.from_bytes(content[at : at + 4], "big"), content[at + 4 : at + 8]
        body = content[at + 8 : at + 8 + size]
        need(zlib.crc32(kind + body).to_bytes(4, "big") == content[at + 8 + size : at + 12 + size])
        word, _, rest = body.partition(b"\0")
        if word == b"openbadgecredential":
            need(kind == b"iTXt" and rest[0] == 0)
        if word in (b"openbadges", b"openbadgecredential"):
            found[word].append(
                {b"tEXt": lambda r: r, b"zTXt": lambda r: zlib.decompress(r[1:]), b"iTXt": _itxt}[kind](rest)
            )
        at += 12 + size
    texts = found[b"openbadgecredential"] or found[b"openbadges"]
    need(len(texts) == 1)
    return str(texts[0].decode())


def _itxt(rest: bytes) -> bytes:
    text = rest[2:].split(b"\0", 2)[2]
    return zlib.decompress(text) if rest[0] else text


def canonical(document: Json) -> str:
    """Canonical N-Quads by PyLD. What it would leave out silently is refused."""
    dropped: list[Any] = []
    options = {"documentLoader": load_context, "base": None}
    expanded = jsonld.expand(document, options, on_property_dropped=dropped.append)
    need(not dropped and not any(isinstance(one, dict) for one in as_list(document["@context"])))
    need(all(":" in one for one in names(expanded)))
    return str(
        jsonld.normalize(expanded, {"algorithm": "URDNA2015", "format": "application/n-quads", **options})
    )


def load_context(url: str, options: Any = None) -> Json:
    """Read a pinned context, or the words of a record's, as its vocabulary lists them."""
    if url == CLR:
        return {"contextUrl": None, "documentUrl": url, "document": {"@context": TERMS}, "contentType": ""}
    return dict(contexts.load(url, options))


def names(node: Any) -> Any:
    for one in node if isinstance(node, list) else [node]:
        if isinstance(one, dict):
            for key, value in one.items():
                yield from as_list(value) if key in ("@id", "@type") else names(value)


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def jcs(document: Json) -> str:
    """Canonical JSON, enough for texts and whole numbers."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def check(raw: bytes, signature: bytes, message: bytes, suite: str) -> None:
    if raw[:2] == b"\xed\x01":
        need(suite.startswith(("eddsa", "Ed25519")))
        return Ed25519PublicKey.from_public_bytes(raw[2:]).verify(signature, message)
    need(suite.startswith("ecdsa"))
    curve, hashed = (ec.SECP256R1(), SHA256()) if raw[:2] == b"\x80\x24" else (ec.SECP384R1(), SHA384())
    half = len(signature) // 2
    r, s = int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")
    key = ec.EllipticCurvePublicKey.from_encoded_point(curve, raw[2:])
    key.verify(encode_dss_signature(r, s), message, ec.ECDSA(hashed))


def open_token(text: str, key: Json) -> None:
    kind = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}[key["kty"]]
    registry = jws.JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
    registry.max_header_length = 4096  # a header may carry a key
    jws.deserialize_compact(text, kind.import_key(key), registry=registry)


def same(one: Json | None, other: Json) -> bool:
    return one is not None and all(
        one.get(name) == other.get(name) for name in ("kty", "n", "e", "crv", "x", "y")
    )


def unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def issuer_of(document: Json) -> str:
    issuer = document["issuer"]
    return str(issuer["id"] if isinstance(issuer, dict) else issuer)


def site(url: str) -> str:
    need(url.startswith("https://"))
    return url.split("/")[2]


def moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    need(found.tzinfo)
    return found
