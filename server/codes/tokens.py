"""What codes are made of: points, secrets, typed forms, proofs and commitments. No database here.

Alphabet: Crockford base32 (https://www.crockford.com/base32.html), without I, L, O and U.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
POINT_LENGTH = 8
SECRET_LENGTH = 16  # 80 bit
ROTATING_SECRET_LENGTH = 32  # 160 bit: who sees a code could search for its secret at leisure
TYPED_LENGTH = 8
_PRIME = 31
_TYPED_ALPHABET = ALPHABET[:_PRIME]  # Z would look like 0 to the check character
_LOOKALIKES = str.maketrans("OIL", "011", " -–—\t\n")
_POSTER, _WINDOW = "1", "2"
KINDS = {_POSTER: 1, _WINDOW: 2}
"""Level of a proof by its first character. Other kinds: see `rotating` and `passes`."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What stands in a code's fragment: the level it claims, and the secret."""

    level: int
    secret: str


def _draw(length: int, alphabet: str = ALPHABET) -> str:
    return "".join(secrets.choice(alphabet) for _ in range(length))


def new_point() -> str:
    """Make the name of a point: 8 characters, public."""
    return _draw(POINT_LENGTH)


def new_secret(length: int = SECRET_LENGTH) -> str:
    """Make the secret of a code: 16 characters, 80 bit."""
    return _draw(length)


def new_hint() -> str:
    """Make the two public characters that begin all typed forms of a stop."""
    return _draw(2, _TYPED_ALPHABET)


def new_typed(hint: str) -> str:
    """Make a typed form: the stop's hint, five secret characters (24.8 bit), a check character."""
    body = hint + _draw(TYPED_LENGTH - 1 - len(hint), _TYPED_ALPHABET)
    return body + check_character(body)


def check_character(body: str) -> str:
    """Return the eighth character of a typed form: Σ (i + 1) · value(cᵢ) modulo 31.

    31 is prime, so it finds every wrong character and every swap of two.
    """
    total = sum((i + 1) * ALPHABET.index(c) for i, c in enumerate(body))
    return ALPHABET[total % _PRIME]


def fold_typed(text: str) -> str:
    """Bring what a person typed to its one spelling: capitals, no spaces or dashes, O is 0, I and L are 1."""
    return text.upper().translate(_LOOKALIKES)


def is_typed(text: str) -> bool:
    """Say whether a folded text is a typed form: its length, its characters, and the check."""
    if len(text) != TYPED_LENGTH or any(c not in _TYPED_ALPHABET for c in text):
        return False
    return hmac.compare_digest(check_character(text[:-1]), text[-1])


def show_typed(typed: str) -> str:
    """Write a typed form as it is printed: ABCD-EFGH."""
    return f"{typed[:4]}-{typed[4:]}"


def is_point(text: str) -> bool:
    return len(text) == POINT_LENGTH and all(c in ALPHABET for c in text)


def write_proof(level: int, secret: str) -> str:
    """Write the fragment of a code; empty at level 0."""
    return {0: "", 1: _POSTER + secret, 2: _WINDOW + secret}[level]


def read_proof(fragment: str) -> Proof | None:
    """Read a fragment; None when it is of a kind or form that we do not know."""
    kind, secret = fragment[:1], fragment[1:].upper()
    if kind not in KINDS or len(secret) != SECRET_LENGTH or any(c not in ALPHABET for c in secret):
        return None
    return Proof(KINDS[kind], secret)


def write_number(value: int, length: int, *, base: int = 32) -> str:
    """Write a number with leading zeros, the most significant character first. Raises ValueError when too large."""
    written = ""
    for _ in range(length):
        value, digit = divmod(value, base)
        written = ALPHABET[digit] + written
    if value:
        raise ValueError("the number does not fit")
    return written


def read_number(text: str) -> int:
    """Read a number of the alphabet's characters."""
    return sum(ALPHABET.index(c) << 5 * place for place, c in enumerate(reversed(text)))


def commitment(point: str, window: str, secret: str) -> str:
    """Return the hash by which a phone knows a genuine code with no network: hex SHA-256.

    `window` is empty or `{opens}-{closes}` in whole seconds since 1970; see `write_window`.
    """
    return hashlib.sha256(f"streetwise1{point}{window}{secret}".encode()).hexdigest()


def write_window(opens: int | None, closes: int | None) -> str:
    """Write a window for the commitment; an open end is an empty text."""
    if opens is None and closes is None:
        return ""
    return f"{'' if opens is None else opens}-{'' if closes is None else closes}"


def same(one: str, other: str) -> bool:
    """Compare secrets in a time that says nothing about where they differ."""
    return hmac.compare_digest(one.encode(), other.encode())
