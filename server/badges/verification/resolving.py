"""What a check may ask: what we hold ourselves, and other sites' documents where the operator allows it."""

from dataclasses import dataclass
from typing import Protocol

from server.badges.canonical import Document


@dataclass(frozen=True)
class KnownIssuer:
    """An issuer whose DID document we hold, and the name under which we know it."""

    document: Document
    name: str


@dataclass(frozen=True)
class Fetched:
    """What stands at an address: its HTTP status (200 or 410) and its content."""

    status: int
    content: bytes


class Resolver(Protocol):
    """Answers what a check needs to know; None is always "we cannot know"."""

    def is_ours(self, address: str) -> bool:
        """Say whether a DID or URL belongs to this site."""

    def issuer(self, did: str) -> KnownIssuer | None:
        """Find an issuer of this site."""

    def status_list(self, url: str) -> Document | None:
        """Find a list of withdrawn badges of this site."""

    def fetch(self, url: str) -> Fetched | None:
        """Read a public document of anybody's."""
