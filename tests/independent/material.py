"""A museum elsewhere that signs badges in every way, and what its web site answers. Nothing of it is ours."""

import base64
import gzip
import json
import struct
import zlib
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from hashlib import sha256, sha384
from typing import Any

import base58
import rfc8785
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey

from server.badges.canonical import n_quads

NOW = datetime.now(UTC).replace(microsecond=0) + timedelta(
    hours=1
)  # later than all that is signed while the tests run
"""When all is checked: after what our server signs meanwhile by its own clock."""
AT = NOW - timedelta(days=1)
SITE, DID = "https://museum.example", "did:web:museum.example"
OTHER_SITE, OTHER = "https://forger.example", "did:web:forger.example"
V1, V2 = "https://www.w3.org/2018/credentials/v1", "https://www.w3.org/ns/credentials/v2"
OB = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.{}.json"
DI = "https://w3id.org/security/data-integrity/v2"
ED2020 = "https://w3id.org/security/suites/ed25519-2020/v1"
LIST, LIST_2021 = f"{SITE}/lists/1", f"{SITE}/lists/2021"
INDEX = 94567

ED, OTHER_ED = (
    Ed25519PrivateKey.from_private_bytes(b"m" * 32),
    Ed25519PrivateKey.from_private_bytes(b"f" * 32),
)
P256, P384 = ec.derive_private_key(4711, ec.SECP256R1()), ec.derive_private_key(4712, ec.SECP384R1())
RSA, OTHER_RSA, WEAK = (rsa.generate_private_key(65537, size) for size in (2048, 2048, 1024))
Json = dict[str, Any]


def when(**after: float) -> str:
    return (AT + timedelta(**after)).strftime("%Y-%m-%dT%H:%M:%SZ")


def multikey(key: Any) -> str:
    public = key.public_key()
    if isinstance(key, Ed25519PrivateKey):
        raw = b"\xed\x01" + public.public_bytes_raw()
    else:
        head = b"\x80\x24" if public.key_size == 256 else b"\x81\x24"
        raw = head + public.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    return "z" + base58.b58encode(raw).decode()


def jwk(key: Any) -> Json:
    kind = (
        RSAKey
        if isinstance(key, rsa.RSAPrivateKey)
        else OKPKey
        if isinstance(key, Ed25519PrivateKey)
        else ECKey
    )
    return kind.import_key(key).as_dict(private=False)


def pem(key: Any) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def did_document(did: str = DID, ed: Ed25519PrivateKey = ED, without: tuple[str, ...] = ()) -> Json:
    """The keys by which a site signs; `#door` may open a session and must not make claims."""
    methods: list[Json] = [
        {"id": f"{did}#ed", "type": "Multikey", "publicKeyMultibase": multikey(ed)},
        {"id": f"{did}#p256", "type": "Multikey", "publicKeyMultibase": multikey(P256)},
        {"id": f"{did}#p384", "type": "Multikey", "publicKeyMultibase": multikey(P384)},
        {"id": f"{did}#ed2020", "type": "Ed25519VerificationKey2020", "publicKeyMultibase": multikey(ed)},
        {"id": f"{did}#rsa", "type": "JsonWebKey", "publicKeyJwk": jwk(RSA)},
        {"id": f"{did}#es", "type": "JsonWebKey", "publicKeyJwk": jwk(P256)},
        {"id": f"{did}#okp", "type": "JsonWebKey", "publicKeyJwk": jwk(ed)},
        {"id": f"{did}#weak", "type": "JsonWebKey", "publicKeyJwk": jwk(WEAK)},
        {"id": f"{did}#door", "type": "Multikey", "publicKeyMultibase": multikey(ed)},
    ]
    methods = [{**one, "controller": did} for one in methods if one["id"].rpartition("#")[2] not in without]
    claims = [one["id"] for one in methods if not one["id"].endswith("#door")]
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": did,
        "verificationMethod": methods,
        "assertionMethod": claims,
        "authentication": [f"{did}#door"],
    }


def entry(
    kind: str = "BitstringStatusListEntry", url: str = LIST, index: Any = str(INDEX), **more: Any
) -> Json:
    return {
        "id": f"{url}#{index}",
        "type": kind,
        "statusPurpose": "revocation",
        "statusListIndex": index,
        "statusListCredential": url,
        **more,
    }


def credential(version: int = 2, ob: int = 3, extra: tuple[str, ...] = (), **changes: Any) -> Json:
    """A badge that is not signed yet, of either data model; a change to None leaves the field out."""
    context, start, end = (
        (V2, "validFrom", "validUntil") if version == 2 else (V1, "issuanceDate", "expirationDate")
    )
    achievement = {
        "id": f"{SITE}/achievements/1",
        "type": ["Achievement"],
        "name": "Map reader",
        "description": "Reads old maps",
        "criteria": {"narrative": "Found three places on a map of 1650."},
        "image": {"id": f"{SITE}/map.png", "type": "Image"},
        "tag": ["maps"],
        "resultDescription": [
            {"id": f"{SITE}/r/1", "type": ["ResultDescription"], "name": "Care", "resultType": "Status"}
        ],
        "alignment": [{"type": ["Alignment"], "targetName": "read maps", "targetUrl": f"{SITE}/skills/maps"}],
    }
    document = {
        "@context": [context, OB.format(ob), *extra],
        "id": f"{SITE}/badges/1",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": "Map reader",
        "issuer": {"id": DID, "type": ["Profile"], "name": "Museum of Maps"},
        start: when(),
        end: when(days=300),
        "credentialSubject": {
            "id": "urn:uuid:0190b1c2-7d3e-4f00-8000-000000000001",
            "type": ["AchievementSubject"],
            "achievement": achievement,
            "result": [{"type": ["Result"], "resultDescription": f"{SITE}/r/1", "value": "3 of 3"}],
        },
        "credentialStatus": entry() if version == 2 else entry("StatusList2021Entry", LIST_2021),
        **changes,
    }
    return {name: value for name, value in document.items() if value is not None}


def prove(
    document: Json, suite: str = "eddsa-rdfc-2022", key: Any = ED, method: str = "", **changes: Any
) -> Json:
    """Make one proof over a document without any; `changes` are made before it is signed."""
    old = suite == "Ed25519Signature2020"
    name = f"p{key.key_size}" if isinstance(key, ec.EllipticCurvePrivateKey) else "ed2020" if old else "ed"
    kind = {"type": suite} if "Signature" in suite else {"type": "DataIntegrityProof", "cryptosuite": suite}
    options = {
        **kind,
        "created": when(),
        "verificationMethod": method or f"{DID}#{name}",
        "proofPurpose": "assertionMethod",
        **changes,
    }
    if "jcs" in suite:
        options["@context"] = document["@context"]
    return {**options, "proofValue": "z" + base58.b58encode(_sign(document, options, suite, key)).decode()}


def _sign(document: Json, options: Json, suite: str, key: Any) -> bytes:
    hashed, size = (sha384, 384) if getattr(key, "key_size", 0) == 384 else (sha256, 256)
    if "jcs" in suite:
        parts = [rfc8785.dumps(options), rfc8785.dumps(document)]
    else:
        given = {**options, "@context": document["@context"]}
        parts = [n_quads(given).encode(), n_quads(document).encode()]
    message = b"".join(hashed(part).digest() for part in parts)
    if isinstance(key, Ed25519PrivateKey):
        return key.sign(message)
    r, s = decode_dss_signature(key.sign(message, ec.ECDSA(SHA384() if size == 384 else SHA256())))
    return r.to_bytes(size // 8, "big") + s.to_bytes(size // 8, "big")


def signed(document: Json | None = None, *suites: str, **how: Any) -> Json:
    """Sign with a set of proofs: both of Ed25519's unless others are named."""
    document = document or credential()
    proofs = [prove(document, suite, **how) for suite in suites or ("eddsa-rdfc-2022", "eddsa-jcs-2022")]
    return {**document, "proof": proofs if len(proofs) > 1 else proofs[0]}


def token(payload: Json, alg: str = "RS256", key: Any = RSA, header: Json | None = None) -> str:
    """Sign a compact token; the header names the issuer's key unless it is given."""
    kinds = {
        "RS256": (RSAKey, "rsa"),
        "PS256": (RSAKey, "rsa"),
        "ES256": (ECKey, "es"),
        "EdDSA": (OKPKey, "okp"),
    }
    kind, name = kinds[alg]
    heading = {"alg": alg, "typ": "vc+jwt", **({"kid": f"{DID}#{name}"} if header is None else header)}
    registry = jws.JWSRegistry(algorithms=list(kinds), strict_check_header=False)
    return jws.serialize_compact(heading, json.dumps(payload), kind.import_key(key), registry=registry)


def claims(document: Json, **changes: Any) -> Json:
    """The payload of a badge as a token, as Open Badges 3.0 wants it (section 8.2)."""
    start, end = (
        document.get(a) or document.get(b)
        for a, b in (("validFrom", "issuanceDate"), ("validUntil", "expirationDate"))
    )
    given = {
        **document,
        "iss": document["issuer"]["id"],
        "jti": document["id"],
        "sub": document["credentialSubject"]["id"],
        "nbf": int(datetime.fromisoformat(start).timestamp()),
        "exp": int(datetime.fromisoformat(end).timestamp()),
        **changes,
    }
    return {name: value for name, value in given.items() if value is not None}


def bits(*revoked: int) -> bytes:
    raw = bytearray(131_072 // 8)
    for index in revoked:
        raw[index // 8] |= 1 << (7 - index % 8)
    return gzip.compress(bytes(raw), mtime=0)


def status_list(*revoked: int, sign: bool = True, key: Any = ED, method: str = "", **changes: Any) -> Json:
    encoded = "u" + base64.urlsafe_b64encode(bits(*revoked)).rstrip(b"=").decode()
    subject = {
        "id": f"{LIST}#list",
        "type": "BitstringStatusList",
        "statusPurpose": "revocation",
        "encodedList": encoded,
    }
    document = {
        "@context": [V2],
        "id": LIST,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": DID,
        "validFrom": when(),
        "validUntil": when(days=7),
        "credentialSubject": subject | changes.pop("subject", {}),
        **changes,
    }
    return signed(document, "eddsa-rdfc-2022", key=key, method=method) if sign else document


def status_list_2021(*revoked: int, kind: str = "StatusList2021", url: str = LIST_2021) -> Json:
    context = {
        "StatusList2021": "https://w3id.org/vc/status-list/2021/v1",
        "RevocationList2020": "https://w3id.org/vc-revocation-list-2020/v1",
    }
    subject = {
        "id": f"{url}#list",
        "type": kind,
        "encodedList": base64.urlsafe_b64encode(bits(*revoked)).rstrip(b"=").decode(),
        **({"statusPurpose": "revocation"} if kind == "StatusList2021" else {}),
    }
    document = {
        "@context": [V1, context[kind], ED2020],
        "id": url,
        "type": ["VerifiableCredential", f"{kind}Credential"],
        "issuer": DID,
        "issuanceDate": when(),
        "credentialSubject": subject,
    }
    return signed(document, "Ed25519Signature2020")


# Open Badges 2.0

ASSERTION, BADGE, PROFILE, KEY, REVOKED = (
    f"{SITE}/2/{name}" for name in ("assertion", "badge", "issuer", "key", "revoked")
)


def assertion(way: str = "HostedBadge", **changes: Any) -> Json:
    verification = {"type": way} | ({"creator": KEY} if way == "SignedBadge" else {})
    return {
        "@context": "https://w3id.org/openbadges/v2",
        "type": "Assertion",
        "id": ASSERTION if way == "HostedBadge" else "urn:uuid:0190b1c2-7d3e-4f00-8000-000000000002",
        "recipient": {"type": "url", "hashed": False, "identity": "urn:uuid:0190b1c2"},
        "badge": BADGE,
        "issuedOn": when(),
        "expires": when(days=300),
        "verification": verification,
        **changes,
    }


def pages_2(**changes: Json) -> dict[str, Json]:
    """What the site of an issuer of 2.0 answers; `changes` by name: assertion, badge, issuer, key, revoked."""
    context = "https://w3id.org/openbadges/v2"
    pages = {
        "assertion": assertion(),
        "badge": {"@context": context, "type": "BadgeClass", "id": BADGE, "name": "Map reader", "issuer": PROFILE,
                  "description": "Reads old maps", "image": f"{SITE}/map.png", "criteria": {"narrative": "Found three."}},
        "issuer": {"@context": context, "type": "Issuer", "id": PROFILE, "name": "Museum of Maps", "url": SITE,
                   "email": "maps@museum.example", "publicKey": KEY, "revocationList": REVOKED},
        "key": {"@context": context, "type": "CryptographicKey", "id": KEY, "owner": PROFILE, "publicKeyPem": pem(RSA)},
        "revoked": {"@context": context, "type": "RevocationList", "id": REVOKED, "issuer": PROFILE, "revokedAssertions": []},
    }  # fmt: skip
    return {f"{SITE}/2/{name}": {**page, **changes.get(name, {})} for name, page in pages.items()}


def pages(**changes: Json | str | None) -> dict[str, Json | str]:
    """All that the museum's and the forger's sites answer; a change to None takes a page away."""
    found: dict[str, Any] = {
        f"{SITE}/.well-known/did.json": did_document(),
        f"{OTHER_SITE}/.well-known/did.json": did_document(OTHER, OTHER_ED),
        LIST: status_list(),
        LIST_2021: status_list_2021(),
        **pages_2(),
        **changes,
    }
    return {url: page for url, page in found.items() if page is not None}


# Pictures


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(*chunks: bytes) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n"
        + head
        + b"".join(chunks)
        + chunk(b"IDAT", zlib.compress(b"\0\0"))
        + chunk(b"IEND", b"")
    )


def itxt(text: str, keyword: bytes = b"openbadgecredential", *, packed: bool = False) -> bytes:
    body = zlib.compress(text.encode()) if packed else text.encode()
    return chunk(b"iTXt", keyword + b"\0" + bytes([packed]) + b"\0\0\0" + body)


def svg(inner: str, before: str = "") -> bytes:
    spaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:openbadges="{}"'
    space = (
        "https://purl.imsglobal.org/ob/v3p0" if "openbadges:credential" in inner else "http://openbadges.org"
    )
    return f'<?xml version="1.0"?>{before}<svg {spaces.format(space)}>{inner}<rect width="1" height="1"/></svg>'.encode()


def changed(document: Json, path: str, value: Any) -> Json:
    """A copy with one field changed after signing; `path` is like `issuer.name` or `proof.0.created`; ... removes."""
    found = deepcopy(document)
    *way, last = path.split(".")
    place: Any = found
    for step in way:
        place = place[int(step) if step.isdigit() else step]
    key: Any = int(last) if last.isdigit() and isinstance(place, list) else last
    if value is ...:
        del place[key]
    else:
        place[key] = value
    return found
