"""Opening the instance that a command works on."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from sqlalchemy.exc import DBAPIError

from server.app import create_app
from server.config import Config
from server.core.db import db, writing
from server.core.errors import DomainError
from server.frameworks.loading import load_built_in
from server.migrations import upgrade


class CannotStart(DomainError):
    """Something outside is not as it must be; the message says what, and what to do."""


def open_instance() -> tuple[Flask, Config]:
    """Open the instance with its database, and the frameworks in it, up to date. Raises CannotStart."""
    app, config = create()
    with app.app_context(), reaching():
        upgrade(db.engine)
        with writing() as session:
            load_built_in(session)
    return app, config


def create() -> tuple[Flask, Config]:
    """Make the application, whatever state its database is in. Raises CannotStart."""
    config = Config.from_environment()
    with reaching():
        return create_app(config), config


@contextmanager
def reaching() -> Iterator[None]:
    """Say in a sentence that the instance or its database cannot be used. Raises CannotStart."""
    try:
        yield
    except OSError as error:
        raise CannotStart(
            f"The instance folder cannot be used ({error}). Name another one in STREETWISE_INSTANCE."
        ) from error
    except DBAPIError as error:
        said = str(error.orig).strip().splitlines()[0]
        raise CannotStart(
            f"The database cannot be opened ({said}). Is it running, and is STREETWISE_DATABASE_URL right?"
        ) from error


@contextmanager
def serving(config: Config, *, alone: bool = False) -> Iterator[None]:
    """Say that this process works on the instance; `alone`, that no other may. Raises CannotStart."""
    with (config.instance / "serving.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_NB | (fcntl.LOCK_EX if alone else fcntl.LOCK_SH))
        except OSError as error:
            raise CannotStart(
                "The server is running here, or a restore is: wait, or stop it first."
            ) from error
        yield
