"""Sound badges of every kind, and badges that must never pass: one row of the table each."""

import base64
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.independent.material import (
    ASSERTION,
    AT,
    BADGE,
    DI,
    DID,
    ED,
    ED2020,
    INDEX,
    KEY,
    LIST,
    LIST_2021,
    OB,
    OTHER,
    OTHER_ED,
    OTHER_RSA,
    OTHER_SITE,
    P256,
    P384,
    PROFILE,
    REVOKED,
    RSA,
    SITE,
    V2,
    WEAK,
    Json,
    assertion,
    changed,
    chunk,
    claims,
    credential,
    did_document,
    entry,
    itxt,
    jwk,
    pages,
    pages_2,
    pem,
    png,
    prove,
    signed,
    status_list,
    status_list_2021,
    svg,
    token,
    when,
)  # fmt: skip

EXTENSIONS = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"
STATUS_2021 = "https://w3id.org/vc/status-list/2021/v1"
REVOCATION_2020 = "https://w3id.org/vc-revocation-list-2020/v1"
DIDS = f"{SITE}/.well-known/did.json"


@dataclass(frozen=True)
class Case:
    """A badge, what other sites answer, and what must come of it: ok, failed, unchecked, refused."""

    group: str
    name: str
    content: bytes
    wanted: str
    pages: dict[str, Any] = field(default_factory=dict)
    gone: tuple[str, ...] = ()


def made(group: str, name: str, badge: Any, wanted: str, gone: tuple[str, ...] = (), **answers: Any) -> Case:
    """A case; `answers` are changes to the pages under names without punctuation (`did`, `list`, `list_2021`)."""
    urls = {"did": DIDS, "list": LIST, "list_2021": LIST_2021}
    given = {urls.get(name, name): page for name, page in answers.pop("also", {}).items()}
    given |= {urls[name]: page for name, page in answers.items()}
    content = (
        badge
        if isinstance(badge, bytes)
        else badge.encode()
        if isinstance(badge, str)
        else json.dumps(badge).encode()
    )
    return Case(group, name, content, wanted, pages(**given), gone)


def cases() -> list[Case]:
    kinds = (sound, tampered, proofs, keys, lists, dates, spellings, tokens, version_2, baked)
    return [case for rows in kinds for case in rows()]


def _cdata(text: str) -> str:
    return f"<openbadges:credential><![CDATA[{text}]]></openbadges:credential>"


def _old(ob: int = 1, *extra: str, **changes: Any) -> Json:
    return credential(1, ob, (*extra, STATUS_2021), **changes)


def sound() -> Iterator[Case]:
    both, token_rs = signed(), token(claims(credential()))
    rows: dict[str, Any] = {
        "3.0, VCDM 2.0, eddsa-rdfc-2022 and eddsa-jcs-2022": both,
        "3.0, VCDM 2.0, eddsa-rdfc-2022": signed(None, "eddsa-rdfc-2022"),
        "3.0, VCDM 2.0, eddsa-jcs-2022": signed(None, "eddsa-jcs-2022"),
        "3.0, VCDM 2.0, ecdsa-rdfc-2019, P-256": signed(None, "ecdsa-rdfc-2019", key=P256),
        "3.0, VCDM 2.0, ecdsa-rdfc-2019, P-384": signed(None, "ecdsa-rdfc-2019", key=P384),
        "3.0, VCDM 2.0, ecdsa-jcs-2019": signed(None, "ecdsa-jcs-2019", key=P256),
        "3.0.2, VCDM 1.1, eddsa-rdfc-2022, StatusList2021": signed(_old(2, DI), "eddsa-rdfc-2022"),
        "3.0.1, VCDM 1.1, Ed25519Signature2020, StatusList2021": signed(
            _old(1, ED2020), "Ed25519Signature2020"
        ),
        "3.0, JWT, RS256, key by its name": token_rs,
        "3.0, JWT, RS256, key in the header": token(claims(credential()), header={"jwk": jwk(RSA)}),
        "3.0, JWT, ES256": token(claims(credential()), "ES256", P256),
        "3.0, JWT, EdDSA": token(claims(credential()), "EdDSA", ED),
        "3.0, PNG": png(itxt(json.dumps(both))),
        "3.0, PNG with a token": png(itxt(token_rs)),
        "3.0 and 2.0 in one PNG": png(itxt(json.dumps(both)), itxt(ASSERTION, b"openbadges")),
        "3.0, SVG": svg(_cdata(json.dumps(both))),
        "3.0, SVG with a token": svg(f'<openbadges:credential verify="{token_rs}"/>'),
        "2.0, hosted": assertion(),
        "2.0, hosted, PNG with the address": png(itxt(ASSERTION, b"openbadges")),
        "2.0, hosted, PNG with the JSON": png(itxt(json.dumps(assertion()), b"openbadges")),
        "2.0, hosted, SVG": svg(f'<openbadges:assertion verify="{ASSERTION}"/>'),
        "2.0, signed": token(assertion("SignedBadge"), header={}),
        "2.0, signed, PNG": png(itxt(token(assertion("SignedBadge"), header={}), b"openbadges")),
        "2.0, signed, SVG": svg(
            f'<openbadges:assertion verify="{token(assertion("SignedBadge"), header={})}"/>'
        ),
    }
    for name, badge in rows.items():
        yield made("Sound", name, badge, "ok")
    empty = {"id": f"{SITE}/revoked", "issuer": DID, "revokedCredential": []}
    hosted = signed(
        credential(2, 3, (EXTENSIONS,), credentialStatus={"id": empty["id"], "type": "1EdTechRevocationList"})
    )
    yield made("Sound", "3.0, VCDM 2.0, 1EdTechRevocationList", hosted, "ok", also={empty["id"]: empty})
    old = signed(credential(1, 2, (DI, REVOCATION_2020), credentialStatus={
        "id": f"{LIST_2021}#1", "type": "RevocationList2020Status", "revocationListIndex": "1", "revocationListCredential": LIST_2021}),
        "eddsa-rdfc-2022")  # fmt: skip
    yield made(
        "Sound",
        "3.0, VCDM 1.1, RevocationList2020",
        old,
        "ok",
        list_2021=status_list_2021(kind="RevocationList2020"),
    )


FIELDS: dict[str, Any] = {
    "name": "Master of maps",
    "id": f"{SITE}/badges/2",
    "issuer.name": "Royal Museum",
    "issuer.id": OTHER,
    "validFrom": when(days=-400),
    "validUntil": when(days=9000),
    "credentialSubject.id": "urn:uuid:0190b1c2-7d3e-4f00-8000-00000000000f",
    "credentialSubject.achievement.id": f"{SITE}/achievements/2",
    "credentialSubject.achievement.name": "Master of maps",
    "credentialSubject.achievement.description": "Draws maps",
    "credentialSubject.achievement.criteria.narrative": "Found all.",
    "credentialSubject.achievement.image.id": f"{OTHER_SITE}/map.png",
    "credentialSubject.achievement.tag.0": "mastery",
    "credentialSubject.achievement.alignment.0.targetUrl": f"{OTHER_SITE}/skill",
    "credentialSubject.achievement.resultDescription.0.name": "Skill",
    "credentialSubject.result.0.value": "3 of 300",
    "credentialStatus.statusListIndex": "1",
    "credentialStatus.statusListCredential": f"{SITE}/lists/2",
    "credentialStatus.statusPurpose": "suspension",
    "credentialStatus": ...,
    "validUntil (removed)": ...,
    "evidence (added)": [{"id": f"{SITE}/e", "type": ["Evidence"], "name": "A photo"}],
    "type (one added)": ["VerifiableCredential", "OpenBadgeCredential", "EndorsementCredential"],
}


def tampered() -> Iterator[Case]:
    """Every field changed after signing, by each canonical form alone and by the set."""
    for path, value in FIELDS.items():
        field_name = path.partition(" (")[0]
        for suites in (("eddsa-rdfc-2022",), ("eddsa-jcs-2022",), ()):
            way = suites[0] if suites else "both proofs"
            if suites or "." not in field_name:
                yield made(
                    "Tampered", f"{path}, {way}", changed(signed(None, *suites), field_name, value), "failed"
                )
    yield made(
        "Tampered",
        "a control character put into the name",
        changed(signed(), "name", "Map\u0007 reader"),
        "failed",
    )
    yield made(
        "Tampered", "a hidden mark put into the name", changed(signed(), "name", "Map\u200b reader"), "failed"
    )
    yield made(
        "Tampered",
        "a letter of another script in the name",
        changed(signed(), "name", "M\u0430p reader"),
        "failed",
    )
    yield made(
        "Tampered", "contexts in another order", changed(signed(), "@context", [OB.format(3), V2]), "refused"
    )
    yield made(
        "Tampered",
        "an older context",
        changed(signed(None, "eddsa-jcs-2022"), "@context.1", OB.format(2)),
        "failed",
    )


def _proof(**changes: Any) -> Json:
    document = credential()
    return {**document, "proof": {**prove(document), **changes}}


def proofs() -> Iterator[Case]:
    both = signed()
    value = both["proof"][0]["proofValue"]
    flipped = value[:-1] + ("2" if value[-1] != "2" else "3")
    half = "eddsa-jcs-2022"
    rows: dict[str, tuple[Any, str]] = {
        "no proof": (credential(), "failed"),
        "an empty set": ({**credential(), "proof": []}, "failed"),
        "half a set: the first is broken": (changed(both, "proof.0.proofValue", flipped), "failed"),
        "half a set: the second is broken": (changed(both, "proof.1.proofValue", value), "failed"),
        "half a set: the second is somebody else's": (changed(both, "proof.1", prove(credential(), half, OTHER_ED, f"{OTHER}#ed")), "failed"),
        "half a set: the second has no value": (changed(both, "proof.1.proofValue", ...), "failed"),
        "half a set: the second is of an unknown kind": (changed(both, "proof.1.cryptosuite", "bbs-2023"), "unchecked"),
        "half a set: the second is no object": ({**both, "proof": [both["proof"][0], "proof"]}, "failed"),
        "signature cut short": (_proof(proofValue=value[:-6]), "failed"),
        "signature in another alphabet": (_proof(proofValue="u" + base64.urlsafe_b64encode(bytes(64)).decode()[:86]), "failed"),
        "signature of another badge": (_proof(proofValue=prove(credential(name="Other"))["proofValue"]), "failed"),
        "signature of zeros": (_proof(proofValue="z" + "1" * 64), "failed"),
        "suite renamed after signing": (_proof(cryptosuite="eddsa-jcs-2022"), "failed"),
        "date of the signature changed": (_proof(created=when(days=-30)), "failed"),
        "purpose changed after signing": (_proof(proofPurpose="authentication"), "failed"),
        "signed for another purpose": (signed(None, "eddsa-rdfc-2022", proofPurpose="authentication"), "failed"),
        "made in the future": (signed(None, "eddsa-rdfc-2022", created=when(days=3)), "failed"),
        "the proof itself has expired": (signed(None, "eddsa-rdfc-2022", expires=when(hours=1)), "failed"),
        "two proofs hold, one is a stranger's own": ({**both, "proof": [*both["proof"], prove(credential(), key=OTHER_ED, method=f"{OTHER}#ed")]}, "failed"),
    }  # fmt: skip
    for name, (badge, wanted) in rows.items():
        yield made("Proofs", name, badge, wanted)


def keys() -> Iterator[Case]:
    plain = signed()
    yield made("Keys", "signed with a stranger's key", signed(key=OTHER_ED), "failed")
    yield made(
        "Keys",
        "signed by another issuer in this one's name",
        signed(key=OTHER_ED, method=f"{OTHER}#ed"),
        "failed",
    )
    yield made("Keys", "a key that may not make claims", signed(method=f"{DID}#door"), "failed")
    yield made("Keys", "a key that was dropped", plain, "failed", did=did_document(without=("ed",)))
    yield made("Keys", "a key that the issuer never had", signed(method=f"{DID}#no"), "failed")
    yield made("Keys", "the issuer's document is another's", plain, "failed", did=did_document(OTHER))
    yield made(
        "Keys", "the issuer's document holds another key", plain, "failed", did=did_document(ed=OTHER_ED)
    )
    yield made("Keys", "the issuer's site does not answer", plain, "unchecked", did=None)
    yield made("Keys", "the issuer's site answers with nonsense", plain, "unchecked", did="<html>")
    own = f"did:key:{did_document()['verificationMethod'][0]['publicKeyMultibase']}"
    named = credential(
        issuer={"id": own, "type": ["Profile"], "name": "Museum of Maps"}, credentialStatus=None
    )
    yield made("Keys", "an issuer that is only a key", signed(named, method=f"{own}#{own[8:]}"), "unchecked")


def lists() -> Iterator[Case]:
    plain = signed()
    yield made("Status", "revoked", plain, "failed", list=status_list(INDEX))
    yield made(
        "Status",
        "revoked, VCDM 1.1, StatusList2021",
        signed(_old(1, ED2020), "Ed25519Signature2020"),
        "failed",
        list_2021=status_list_2021(INDEX),
    )
    yield made(
        "Status", "revoked, in a token", token(claims(credential())), "failed", list=status_list(INDEX)
    )
    yield made("Status", "revoked, in a PNG", png(itxt(json.dumps(plain))), "failed", list=status_list(INDEX))
    suspended = signed(credential(credentialStatus=entry(statusPurpose="suspension")))
    yield made(
        "Status",
        "suspended",
        suspended,
        "failed",
        list=status_list(INDEX, subject={"statusPurpose": "suspension"}),
    )
    twice = [entry(), entry(index="7")]
    yield made(
        "Status",
        "the second of two entries is revoked",
        signed(credential(credentialStatus=twice)),
        "failed",
        list=status_list(7),
    )
    wrong: dict[str, Any] = {
        "a list of another issuer": status_list(issuer=OTHER, key=OTHER_ED, method=f"{OTHER}#ed"),
        "a list that says it is the issuer's, signed by another": status_list(key=OTHER_ED, method=f"{OTHER}#ed"),
        "a list signed with a stranger's key": status_list(key=OTHER_ED),
        "a list that is not signed": status_list(sign=False),
        "a list changed after signing": changed(status_list(INDEX), "credentialSubject.encodedList", status_list()["credentialSubject"]["encodedList"]),
        "a list for another purpose": status_list(subject={"statusPurpose": "refresh"}),
        "a list with another address": status_list(id=f"{SITE}/lists/2"),
        "a list of another kind": status_list_2021(url=LIST),
        "a list cut short": status_list(subject={"encodedList": status_list()["credentialSubject"]["encodedList"][:30]}),
        "a list too short to hide anybody": status_list(subject={"encodedList": "u" + base64.urlsafe_b64encode(zlib.compress(bytes(8), wbits=31)).decode().rstrip("=")}),
    }  # fmt: skip
    for name, listing in wrong.items():
        yield made("Status", name, plain, "failed", list=listing)
    yield made(
        "Status",
        "a stale list",
        plain,
        "unchecked",
        list=status_list(validFrom=when(days=-20), validUntil=when(days=-13)),
    )
    yield made("Status", "a list of the future", plain, "unchecked", list=status_list(validFrom=when(days=4)))
    yield made("Status", "no list to be had", plain, "unchecked", list=None)
    yield made(
        "Status",
        "an index beyond the list",
        signed(credential(credentialStatus=entry(index="99999999"))),
        "failed",
    )
    yield made("Status", "a negative index", signed(credential(credentialStatus=entry(index="-1"))), "failed")
    yield made(
        "Status", "an index in other digits", signed(credential(credentialStatus=entry(index="٧"))), "failed"
    )
    plain_list = {"id": f"{SITE}/revoked", "type": "1EdTechRevocationList"}
    hosted = signed(credential(2, 3, (EXTENSIONS,), credentialStatus=plain_list))
    revoked = {
        "id": f"{SITE}/revoked",
        "issuer": DID,
        "revokedCredential": [{"id": f"{SITE}/badges/1", "revoked": True}],
    }
    yield made(
        "Status", "revoked, 1EdTechRevocationList", hosted, "failed", also={f"{SITE}/revoked": revoked}
    )
    foreign = {**revoked, "issuer": OTHER, "revokedCredential": []}
    yield made(
        "Status",
        "1EdTechRevocationList of another issuer",
        hosted,
        "failed",
        also={f"{SITE}/revoked": foreign},
    )
    yield made("Status", "1EdTechRevocationList, not to be had", hosted, "unchecked")
    yield made("Status", "no list named", signed(credential(credentialStatus=None)), "unchecked")


def dates() -> Iterator[Case]:
    for name, changes in {
        "expired": {"validFrom": when(days=-30), "validUntil": when(days=-1)},
        "not valid yet": {"validFrom": when(days=20)},
        "a start without a zone": {"validFrom": when()[:-1]},
        "an end that is no date": {"validUntil": "soon"},
        "no start": {"validFrom": None},
    }.items():
        yield made("Dates", name, signed(credential(**changes)), "failed")
    old = _old(1, ED2020, issuanceDate=when(days=-30), expirationDate=when(days=-1))
    yield made("Dates", "expired, VCDM 1.1", signed(old, "Ed25519Signature2020"), "failed")
    expired = credential(validFrom=when(days=-30), validUntil=when(days=-1))
    yield made("Dates", "expired, in a token", token(claims(expired)), "failed")
    yield made(
        "Dates",
        "expired, 2.0",
        assertion(expires=when(hours=1)),
        "failed",
        also=pages_2(assertion={"expires": when(hours=1)}),
    )


def spellings() -> Iterator[Case]:
    """JSON and JSON-LD that different readers read differently."""
    plain, rdfc = json.dumps(signed()), signed(None, "eddsa-rdfc-2022")
    jcs = "eddsa-jcs-2022"
    twice = plain.replace('"name": "Map reader"', '"name": "Master of maps", "name": "Map reader"', 1)
    yield made("Spelling", "a name that comes twice", twice, "refused")
    yield made("Spelling", "an unknown word, added", {**signed(), "mood": "happy"}, "failed")
    yield made("Spelling", "an unknown word, added, eddsa-rdfc-2022", {**rdfc, "mood": "happy"}, "failed")
    yield made(
        "Spelling",
        "an unknown word, signed (eddsa-jcs-2022)",
        signed(credential(mood="happy"), jcs),
        "failed",
    )
    yield made(
        "Spelling",
        "an unknown type, signed (eddsa-jcs-2022)",
        signed(credential(evidence=[{"type": ["Wish"]}]), jcs),
        "failed",
    )
    yield made(
        "Spelling",
        "a relative address, signed (eddsa-jcs-2022)",
        signed(credential(id="badges/1"), jcs),
        "failed",
    )
    inline = credential()
    inline["@context"] = [*inline["@context"], {"name": "https://forger.example/not-the-name"}]
    yield made(
        "Spelling", "a context of its own that gives a word another meaning", signed(inline, jcs), "unchecked"
    )
    vocab = credential(mood="happy")
    vocab["@context"] = [*vocab["@context"], {"@vocab": "https://forger.example/"}]
    yield made(
        "Spelling", "a context of its own that gives every word a meaning", signed(vocab, jcs), "unchecked"
    )
    remote = credential()
    remote["@context"] = [*remote["@context"], f"{OTHER_SITE}/context.json"]
    yield made(
        "Spelling",
        "a context from elsewhere",
        signed(remote, jcs),
        "unchecked",
        also={f"{OTHER_SITE}/context.json": {"@context": {}}},
    )
    unversioned = credential()
    unversioned["@context"][1] = "https://purl.imsglobal.org/spec/ob/v3p0/context.json"
    yield made(
        "Spelling",
        "the context without a version, which changes in place",
        signed(unversioned, jcs),
        "unchecked",
    )
    ended = signed(credential(validFrom=when(days=-30), validUntil=when(days=-1)), "eddsa-rdfc-2022")
    hidden = {
        ("https://www.w3.org/2018/credentials#validUntil" if name == "validUntil" else name): value
        for name, value in ended.items()
    }
    hidden["https://www.w3.org/2018/credentials#validUntil"] = {
        "@type": "http://www.w3.org/2001/XMLSchema#dateTime",
        "@value": ended["validUntil"],
    }
    yield made("Spelling", "the end hidden under its full address", hidden, "unchecked")
    status = rdfc["credentialStatus"]
    moved = {name: value for name, value in rdfc.items() if name != "credentialStatus"} | {
        "https://www.w3.org/2018/credentials#credentialStatus": status
    }
    yield made(
        "Spelling", "the list hidden under its full address", moved, "unchecked", list=status_list(INDEX)
    )
    yield made(
        "Spelling",
        "an own @base",
        {**rdfc, "@context": [*rdfc["@context"], {"@base": "https://forger.example/"}]},
        "unchecked",
    )
    yield made("Spelling", "@graph around it", {"@context": rdfc["@context"], "@graph": [rdfc]}, "refused")
    yield made("Spelling", "not a number", plain.replace('"Map reader"', "NaN", 1), "refused")
    yield made("Spelling", "half a character", plain.replace('"Map reader"', '"Map \\ud800"', 1), "refused")
    yield made(
        "Spelling",
        "a thousand levels deep",
        plain[:-1] + ', "x": ' + "[" * 1000 + "]" * 1000 + "}",
        "refused",
    )
    yield made(
        "Spelling",
        "a credential that is no badge",
        signed(credential(type=["VerifiableCredential"])),
        "refused",
    )
    yield made("Spelling", "no context", signed(credential(), jcs) | {"@context": None}, "refused")


def _parts(text: str) -> list[str]:
    return text.split(".")


def _encode(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _hs256(document: Json) -> str:
    import hmac

    start = f"{_encode({'alg': 'HS256', 'kid': f'{DID}#rsa'})}.{_encode(claims(document))}"
    return f"{start}.{_encode(hmac.digest(pem(RSA).encode(), start.encode(), 'sha256'))}"


def tokens() -> Iterator[Case]:
    plain = token(claims(credential()))
    head, payload, signature = _parts(plain)
    forged = _encode(claims(credential(name="Master of maps")))
    doubled = json.dumps(claims(credential())).replace('"name"', '"name": "Master of maps", "name"', 1)
    rows: dict[str, tuple[str, str]] = {
        "payload changed": (f"{head}.{forged}.{signature}", "failed"),
        "header changed": (f"{_encode({'alg': 'RS256', 'typ': 'JWT', 'kid': f'{DID}#rsa'})}.{payload}.{signature}", "failed"),
        "alg none": (f"{_encode({'alg': 'none', 'kid': f'{DID}#rsa'})}.{payload}.", "failed"),
        "alg None, in other letters": (f"{_encode({'alg': 'nOnE', 'kid': f'{DID}#rsa'})}.{payload}.{signature}", "failed"),
        "the public key as a shared secret (HS256)": (_hs256(credential()), "failed"),
        "no signature": (f"{head}.{payload}.", "failed"),
        "two parts": (f"{head}.{payload}", "refused"),
        "signature spelled in another way": (plain[:-1] + chr(ord(plain[-1]) + 1), "refused"),
        "signed with a stranger's key": (token(claims(credential()), key=OTHER_RSA), "failed"),
        "a stranger's key in the header": (token(claims(credential()), key=OTHER_RSA, header={"jwk": jwk(OTHER_RSA)}), "failed"),
        "a key of another issuer": (token(claims(credential()), "EdDSA", OTHER_ED, {"kid": f"{OTHER}#okp"}), "failed"),
        "a key on another site": (token(claims(credential()), key=OTHER_RSA, header={"kid": f"{OTHER_SITE}/key"}), "failed"),
        "a key too short to trust": (token(claims(credential()), key=WEAK, header={"kid": f"{DID}#weak"}), "failed"),
        "a key of another kind": (token(claims(credential()), key=RSA, header={"kid": f"{DID}#es"}), "failed"),
        "iss is another": (token(claims(credential(), iss=OTHER)), "failed"),
        "jti is another": (token(claims(credential(), jti=f"{SITE}/badges/2")), "failed"),
        "sub is another": (token(claims(credential(), sub="urn:uuid:0190b1c2-7d3e-4f00-8000-00000000000f")), "failed"),
        "exp is later than the badge says": (token(claims(credential(), exp=int(AT.timestamp()) + 10**8)), "failed"),
        "nbf is no time": (token(claims(credential(), nbf="now")), "refused"),
        "an extension that must be understood": (_resigned(json.dumps(claims(credential())), crit=["mood"], mood="happy"), "failed"),
        "a payload whose names come twice": (_resigned(doubled), "refused"),
        "an unknown word": (token(claims(credential(mood="happy"))), "failed"),
    }  # fmt: skip
    for name, (badge, wanted) in rows.items():
        yield made("Tokens", name, badge, wanted)


def _resigned(payload: str, **header: Any) -> str:
    """Sign a payload byte for byte."""
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    start = f"{_encode({'alg': 'RS256', 'kid': f'{DID}#rsa', **header})}.{_encode(payload.encode())}"
    return f"{start}.{_encode(RSA.sign(start.encode(), PKCS1v15(), SHA256()))}"


def version_2() -> Iterator[Case]:
    hosted, signed_2 = assertion(), token(assertion("SignedBadge"), header={})
    yield made(
        "2.0", "hosted: another one stands at its address", {**hosted, "issuedOn": when(days=-90)}, "failed"
    )
    yield made("2.0", "hosted: the site does not answer", hosted, "unchecked", also={ASSERTION: None})
    yield made(
        "2.0",
        "hosted: withdrawn (410)",
        hosted,
        "failed",
        (ASSERTION,),
        also={ASSERTION: {"id": ASSERTION, "revoked": True}},
    )
    yield made(
        "2.0",
        "hosted: withdrawn (200, with the flag)",
        hosted,
        "failed",
        also=pages_2(assertion={"revoked": True}),
    )
    far = f"{OTHER_SITE}/2/assertion"
    yield made(
        "2.0",
        "hosted on another site than its issuer",
        {**hosted, "id": far},
        "failed",
        also={far: {**hosted, "id": far}},
    )
    badge = {**pages_2()[BADGE], "id": f"{OTHER_SITE}/2/badge"}
    elsewhere = {**hosted, "badge": badge["id"]}
    yield made(
        "2.0",
        "hosted: its definition is another site's",
        elsewhere,
        "failed",
        also={ASSERTION: elsewhere, badge["id"]: badge},
    )
    yield made("2.0", "hosted: no way of checking named", {**hosted, "verification": {}}, "failed")
    yield made("2.0", "a signed one without its signature", assertion("SignedBadge"), "failed")
    head, _, signature = _parts(signed_2)
    forged = _encode(assertion("SignedBadge", issuedOn=when(days=-90)))
    yield made("2.0", "signed: changed", f"{head}.{forged}.{signature}", "failed")
    yield made(
        "2.0",
        "signed with a stranger's key",
        token(assertion("SignedBadge"), key=OTHER_RSA, header={}),
        "failed",
    )
    own = {"type": "SignedBadge", "creator": f"{OTHER_SITE}/key"}
    key = {**pages_2()[KEY], "id": own["creator"], "publicKeyPem": pem(OTHER_RSA)}
    brought = token(assertion("SignedBadge", verification=own), key=OTHER_RSA, header={})
    yield made(
        "2.0",
        "signed with a key that the issuer does not name",
        brought,
        "failed",
        also={own["creator"]: key},
    )
    yield made(
        "2.0",
        "signed with a key that another owns",
        signed_2,
        "failed",
        also=pages_2(key={"owner": OTHER_SITE}),
    )
    revoked = pages_2(
        revoked={
            "revokedAssertions": [{"id": assertion("SignedBadge")["id"], "revocationReason": "by mistake"}]
        }
    )
    yield made("2.0", "signed: revoked", signed_2, "failed", also=revoked)
    yield made(
        "2.0",
        "signed: a list of another issuer",
        signed_2,
        "failed",
        also=pages_2(revoked={"issuer": OTHER_SITE}),
    )
    yield made("2.0", "signed: no list to be had", signed_2, "unchecked", also={REVOKED: None})
    yield made(
        "2.0", "signed: the issuer's site does not answer", signed_2, "unchecked", also={PROFILE: None}
    )
    yield made("2.0", "a hosted one as a token", token(assertion(), header={}), "failed")


def baked() -> Iterator[Case]:
    text = json.dumps(signed())
    whole = png(itxt(text))
    place = whole.index(b"Map reader")
    bomb = chunk(b"zTXt", b"openbadges\0\0" + zlib.compress(b"[" * 30_000_000, 9))
    entities = (
        "<!DOCTYPE svg ["
        + "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "ha"}">' for n in range(9))
        + "]>"
    )
    outside = '<!DOCTYPE svg [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    rows: dict[str, tuple[bytes, str]] = {
        "PNG: a byte of the badge changed": (whole[:place] + b"W" + whole[place + 1 :], "refused"),
        "PNG: cut": (whole[: len(whole) // 2], "refused"),
        "PNG: two badges": (png(itxt(text), itxt(json.dumps(signed(credential(name="Other"))))), "refused"),
        "PNG: no badge": (png(), "refused"),
        "PNG: 3.0 in a compressed chunk": (png(itxt(text, packed=True)), "refused"),
        "PNG: 3.0 in a chunk of the wrong kind": (png(chunk(b"tEXt", b"openbadgecredential\0" + text.encode())), "refused"),
        "PNG: a bomb": (png(bomb), "refused"),
        "PNG: the badge was changed, then baked": (png(itxt(json.dumps({**signed(), "name": "Master"}))), "failed"),
        "SVG: two badges": (svg(_cdata(text) + _cdata(text)), "refused"),
        "SVG: no badge": (svg(""), "refused"),
        "SVG: the badge is hidden deeper": (svg(f"<g>{_cdata(text)}</g>"), "refused"),
        "SVG: entities that grow": (svg(_cdata(text) + "<text>&e8;</text>", entities), "refused"),
        "SVG: an entity that reads a file": (svg("<openbadges:credential>&e;</openbadges:credential>", outside), "refused"),
        "SVG: broken": (svg(_cdata(text))[:-9], "refused"),
        "SVG: the badge was changed, then baked": (svg(_cdata(text.replace("Map reader", "Master", 1))), "failed"),
    }  # fmt: skip
    for name, (content, wanted) in rows.items():
        yield made("Pictures", name, content, wanted)
