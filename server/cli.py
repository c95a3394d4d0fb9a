"""The `streetwise` command line."""

import json
import logging
import socket
import sys
from datetime import timedelta
from typing import Any

import click
from flask import Flask
from sqlalchemy import select

from server.accounts.models import User
from server.accounts.services import make_sign_in_link
from server.app import create_app
from server.config import Config
from server.core.db import db, utc_now, writing
from server.core.errors import DomainError
from server.demo import load
from server.migrations import upgrade


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="streetwise")
def cli() -> None:
    """Streetwise: a city as a place to learn. Settings come from STREETWISE_… variables (see the README)."""


@cli.command()
@click.option("--demo", is_flag=True, help="Fill an empty instance with the demo city and say where to look.")
def serve(demo: bool) -> None:
    """Serve the city. Upgrades the database first."""
    app, config = _open()
    if demo:
        with app.app_context():
            _fill()
            _say_where_to_look(_summary(config))
    _run(config)


@cli.command("demo")
@click.option(
    "--json", "as_json", is_flag=True, help="Print for programs: codes, tasks with an answer, sign-in links."
)
def demo_command(as_json: bool) -> None:
    """Fill an empty instance with the demo city, and say where to look. Refuses one that holds real work."""
    app, config = _open()
    with app.app_context():
        _fill()
        summary = _summary(config)
    if as_json:
        click.echo(json.dumps(summary, indent=2, ensure_ascii=False))
    else:
        _say_where_to_look(summary)


@cli.command("sign-in")
@click.argument("email")
def sign_in(email: str) -> None:
    """Print a link with which the member of staff EMAIL signs in, once, within an hour."""
    app, _ = _open()
    with app.app_context(), writing() as session:
        user = session.scalar(select(User).where(User.email == email.strip().lower()))
        if user is None:
            raise click.ClickException(f"Nobody here has the address {email}.")
        click.echo(make_sign_in_link(session, user, at=utc_now(), lasts=timedelta(hours=1)))


def _open() -> tuple[Flask, Config]:
    """Open the instance with its database up to date."""
    config = Config.from_environment()
    app = create_app(config)
    with app.app_context():
        upgrade(db.engine)
    return app, config


def _fill() -> None:
    with writing() as session:
        load.fill(session, at=utc_now())


def _summary(config: Config) -> dict[str, Any]:
    with writing() as session:  # it makes fresh sign-in links
        return load.summary(session, config.base_url, at=utc_now())


def _say_where_to_look(summary: dict[str, Any]) -> None:
    click.echo()
    click.secho(f"  {summary['city']['name']} is open.", bold=True)
    for line in load.where_to_look(summary):
        click.echo(f"  {line}" if line else "")
    click.echo()


def _run(config: Config) -> None:
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    Granian(
        "server.app:create_app",
        factory=True,
        address=socket.gethostbyname(config.host),  # it takes no names
        port=config.port,
        interface=Interfaces.WSGI,
        workers=config.workers,
        blocking_threads=config.threads,
        log_level=LogLevels.warning,
        websockets=False,
        respawn_failed_workers=True,
    ).serve()


def main() -> None:
    """Run the command line; an error a person can act on is one sentence, not a traceback."""
    try:
        cli()
    except DomainError as error:
        click.secho(f"streetwise: {error}", fg="red", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
