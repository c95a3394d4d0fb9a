"""Somebody who has begun, and phones that come later."""

from collections.abc import Callable, Mapping

import pytest
from flask import Flask

from tests.cast import NOON, Museum
from tests.phone import Phone


@pytest.fixture
def ada(app: Flask, museum: Museum) -> Phone:
    """Somebody who has checked in once."""
    phone = Phone(app, at=NOON)
    phone.scan(museum.code(0))
    phone.sync()
    return phone


@pytest.fixture
def join(app: Flask) -> Callable[[Mapping[str, str]], Phone]:
    """A new phone that joins by an invitation, as the server gives one to who enters."""

    def come(entry: Mapping[str, str]) -> Phone:
        phone = Phone(app, at=NOON, learner=entry["learner"])
        hello = {"key": phone.jwk(), "agent": "new", "languages": [], "invite": entry["secret"]}
        phone.record("device.hello", hello)
        phone.sync()
        return phone

    return come
