"""Ada's phone, with the badge of the museum on it."""

import base64
import hashlib
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from uuid_utils import uuid7

from tests.cast import NOON, Museum
from tests.learning.walk import visit
from tests.phone import Phone, b64


@dataclass
class Made:
    """A link as a phone makes it."""

    id: str
    secret: str

    @property
    def path(self) -> str:
        return f"/l/{self.id}.{self.secret}"


@pytest.fixture
def ada(app: Flask, museum: Museum) -> Phone:
    phone = Phone(app, at=NOON)
    visit(phone, museum)
    phone.sync()
    return phone


@pytest.fixture
def badge(ada: Phone) -> dict[str, Any]:
    (row,) = ada.badges()
    return row


def make_link(phone: Phone, subject: str = "", **more: Any) -> Made:
    """Record a link to a badge, unless `kind` says otherwise."""
    made = Made(str(uuid7()), base64.urlsafe_b64encode(hashlib.sha256(str(uuid7()).encode()).digest()).decode().rstrip("="))  # fmt: skip
    digest = b64(hashlib.sha256(made.secret.encode()).digest())
    body = {"link": made.id, "kind": "award", "subject": subject or None, "digest": digest, "expires": None, "evidence": []}  # fmt: skip
    phone.record("link.make", {**body, **more})
    return made


def path(address: str) -> str:
    """Cut the host off an address of ours."""
    return "/" + address.split("/", 3)[3]
