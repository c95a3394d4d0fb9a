"""The `streetwise` command line."""

import json
import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from typing import IO, Any

import click
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from server.accounts.models import User
from server.accounts.services import make_sign_in_link
from server.app import create_app
from server.config import Config
from server.core.db import db, utc_now, writing
from server.core.errors import DomainError
from server.core.jobs import run_clock
from server.core.storage import files
from server.demo import load
from server.migrations import upgrade
from server.replicas.history import check_history, describe


class CannotStart(DomainError):
    """Something outside is not as it must be; the message says what, and what to do."""


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="streetwise")
def cli() -> None:
    """Streetwise: a city as a place to learn. Settings come from STREETWISE_… variables (see the README)."""


@cli.command()
@click.option("--demo", is_flag=True, help="Fill an empty instance with the demo city and say where to look.")
def serve(demo: bool) -> None:
    """Serve the city. Upgrades the database first."""
    app, config = _open()
    address = _free_address(config)
    if demo:
        with app.app_context():
            _fill()
            _say_where_to_look(_summary(config))
    _run(config, address)


@cli.command()
@click.option("--beside", type=int, hidden=True, help="End when the process of this number has ended.")
def clock(beside: int | None) -> None:
    """Do what is due: decide what waited too long, forget what is old. Of several clocks one leads."""
    app, _ = _open()
    _log_to_stderr()
    stops: list[int] = []
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda number, _: stops.append(number))  # the job in hand comes to its end
    run_clock(app, lambda: bool(stops) or beside not in (None, os.getppid()))


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


@cli.command("check-history")
@click.option("--json", "as_json", is_flag=True, help="Print the report for programs.")
@click.option(
    "--log", type=click.File(), help="JSON lines of what phones were told; each promise is looked up."
)
def check_history_command(as_json: bool, log: IO[str] | None) -> None:
    """Check that all that learners sent is kept as it was promised. Changes nothing; safe while serving.

    Ends with 0 when all is well, 1 when something was found, 2 when it could not look.
    """
    try:
        app = create_app(Config.from_environment())
        with app.app_context():
            report = check_history(db.engine, files(), utc_now(), log or ())
    except (DBAPIError, DomainError, OSError, ValueError) as error:
        click.secho(f"streetwise: The history cannot be checked: {error}", fg="red", err=True)
        sys.exit(2)
    click.echo(json.dumps(report.to_json(), indent=2) if as_json else describe(report))
    sys.exit(0 if report.clean else 1)


def _open() -> tuple[Flask, Config]:
    """Open the instance with its database up to date. Raises CannotStart."""
    config = Config.from_environment()
    try:
        app = create_app(config)
        with app.app_context():
            upgrade(db.engine)
    except OSError as error:
        raise CannotStart(
            f"The instance folder cannot be used ({error}). Name another one in STREETWISE_INSTANCE."
        ) from error
    except DBAPIError as error:
        said = str(error.orig).strip().splitlines()[0]
        raise CannotStart(
            f"The database cannot be opened ({said}). Is it running, and is STREETWISE_DATABASE_URL right?"
        ) from error
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


def _run(config: Config, address: str) -> None:
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    _log_to_stderr()
    server = Granian(
        "server.app:create_app",
        factory=True,
        address=address,
        port=config.port,
        interface=Interfaces.WSGI,
        workers=config.workers,
        blocking_threads=config.threads,
        log_level=LogLevels.warning,
        websockets=False,
        respawn_failed_workers=True,
    )
    with _clock_beside() if config.clock else nullcontext():
        server.serve()


def _log_to_stderr() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.WARNING)


@contextmanager
def _clock_beside() -> Iterator[None]:
    """Run a clock in a process of its own. It ends with us; an interrupt from the keyboard is ours alone."""
    command = [sys.executable, "-P", "-m", "server.cli", "clock", "--beside", str(os.getpid())]
    clock = subprocess.Popen(command, start_new_session=True)
    try:
        yield
    finally:
        clock.terminate()
        try:
            clock.wait(timeout=10)
        except subprocess.TimeoutExpired:
            clock.kill()
            clock.wait()


def _free_address(config: Config) -> str:
    """Return the number behind the host's name, on which nobody else listens. Raises CannotStart."""
    try:
        found = socket.getaddrinfo(config.host, config.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise CannotStart(f"STREETWISE_HOST names no address of this machine: {config.host}.") from error
    family, *_, place = sorted(found)[0]  # IPv4 comes first
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
    except OSError as error:
        raise CannotStart(
            f"Port {config.port} of {config.host} is not free ({error.strerror}). "
            "Stop what uses it, or choose another in STREETWISE_PORT (and STREETWISE_BASE_URL)."
        ) from error
    return str(place[0])


def main() -> None:
    """Run the command line; an error a person can act on is one sentence, not a traceback."""
    try:
        cli()
    except DomainError as error:
        click.secho(f"streetwise: {error}", fg="red", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
