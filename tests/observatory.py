"""Grades an answer's headers as MDN's HTTP Observatory does, from its published rules, with no scanner and no network.

Each rule says where it stands in https://github.com/mdn/mdn-http-observatory (`src/analyzer/tests/` for what is looked
at, `src/grader/charts.js` for what it is worth). Left out is what no header tells: redirection from http to https is
the proxy's, preloading is a list in browsers, and subresource integrity is worth nothing where all scripts are ours.
"""

from collections.abc import Callable
from dataclasses import dataclass

from werkzeug.datastructures import Headers

BASE, EXTRA_FROM, BEST = 100, 90, 100
"""charts.js `MINIMUM_SCORE_FOR_EXTRA_CREDIT`, `GRADE_CHART`: 100 and more is A+."""
_BROAD = {"ftp:", "http:", "https:", "*", "http://*", "https://*", "http://*.*", "https://*.*"}
_INLINE = {"'unsafe-inline'", "data:"}
_SIX_MONTHS = 15_552_000

Policy = dict[str, list[str]]


@dataclass(frozen=True)
class Verdict:
    """What one rule found and what it is worth in points."""

    rule: str
    found: str
    worth: int


def grade(headers: Headers, *, https: bool = True) -> tuple[str, list[Verdict]]:
    """Return the grade, `A+` or the points, and what each rule found. Extra points count from 90 on (scan.js)."""
    verdicts = [Verdict(name, *rule(headers)) for name, rule in _RULES.items() if https or name != "hsts"]
    score = BASE + sum(one.worth for one in verdicts if one.worth < 0)
    if score >= EXTRA_FROM:
        score += sum(one.worth for one in verdicts if one.worth > 0)
    return "A+" if score >= BEST else str(score), verdicts


def parse_policy(text: str) -> Policy:
    """Read a policy; of a directive that is said twice the first one holds (cspParser.js)."""
    found: Policy = {}
    for directive in text.split(";"):
        name, *sources = directive.split()
        found.setdefault(name.lower(), sources)
    return found


def _policy(headers: Headers) -> tuple[str, int]:
    """csp.js, from the worst that it looks for to the best."""
    if "Content-Security-Policy" not in headers:
        return "none", -25
    policy = parse_policy(headers["Content-Security-Policy"])
    script, style, thing = (_sources(policy, one) for one in ("script-src", "style-src", "object-src"))
    passive = _sources(policy, "img-src") | _sources(policy, "media-src")
    active = {one for name, all in policy.items() if name not in ("img-src", "media-src") for one in all}
    if script & (_BROAD | _INLINE) or thing & _BROAD:
        return "unsafe inline", -20
    if any(one.startswith(("http:", "ftp:")) for one in active):
        return "insecure scheme", -20
    if "'unsafe-eval'" in script | style:
        return "unsafe eval", -10
    if any(one.startswith(("http:", "ftp:")) for one in passive):
        return "insecure pictures", -10
    if style & (_BROAD | _INLINE):
        return "unsafe style", 0
    return ("nothing by default", 10) if policy.get("default-src") == ["'none'"] else ("no unsafe", 5)


def _sources(policy: Policy, directive: str) -> set[str]:
    found = set(policy.get(directive, policy.get("default-src", ["*"])))
    hashed = any(one.startswith(("'sha256-", "'sha384-", "'sha512-", "'nonce-")) for one in found)
    return found - {"'unsafe-inline'"} if hashed else found


def _cookies(headers: Headers) -> tuple[str, int]:
    """cookies.js: each of ours opens a session."""
    worst = ("none", 0)
    for cookie in headers.getlist("Set-Cookie"):
        flags = {one.strip().lower() for one in cookie.split(";")[1:]}
        if "secure" not in flags:
            return "no Secure", -40
        if "httponly" not in flags:
            return "no HttpOnly", -30
        worst = ("safe", 5) if flags & {"samesite=lax", "samesite=strict"} else ("no SameSite", 0)
    return worst


def _sharing(headers: Headers) -> tuple[str, int]:
    """cors.js: public things may be read by anybody, with nobody's cookies."""
    if headers.get("Access-Control-Allow-Credentials", "").lower() == "true":
        return "with credentials", -50
    return headers.get("Access-Control-Allow-Origin", "none"), 0


def _referrer(headers: Headers) -> tuple[str, int]:
    """referrer-policy.js: the last known word holds."""
    said = headers.get("Referrer-Policy", "")
    private = ("no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin")
    return said, 5 if said in private else -5 if said else 0


def _transport(headers: Headers) -> tuple[str, int]:
    """strict-transport-security.js"""
    said = headers.get("Strict-Transport-Security", "")
    ages = [int(one.strip()[8:]) for one in said.lower().split(";") if one.strip().startswith("max-age=")]
    if not ages:
        return "none", -20
    return said, 0 if ages[0] >= _SIX_MONTHS else -10


def _kind(headers: Headers) -> tuple[str, int]:
    """x-content-type-options.js"""
    said = headers.get("X-Content-Type-Options", "")
    return said, 0 if said == "nosniff" else -5


def _frames(headers: Headers) -> tuple[str, int]:
    """x-frame-options.js: a policy's `frame-ancestors` counts for more than the old header."""
    if "frame-ancestors" in headers.get("Content-Security-Policy", ""):
        return "by the policy", 5
    said = headers.get("X-Frame-Options", "").lower()
    return said, 0 if said in ("deny", "sameorigin") else -20


def _resource(headers: Headers) -> tuple[str, int]:
    """cross-origin-resource-policy.js"""
    said = headers.get("Cross-Origin-Resource-Policy", "")
    worth = {"same-origin": 10, "same-site": 10, "cross-origin": 0, "": 0}
    return said, worth.get(said, -5)


_RULES: dict[str, Callable[[Headers], tuple[str, int]]] = {
    "policy": _policy,
    "cookies": _cookies,
    "sharing": _sharing,
    "referrer": _referrer,
    "hsts": _transport,
    "kind": _kind,
    "frames": _frames,
    "resource": _resource,
}
