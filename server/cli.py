"""The `streetwise` command line."""

import fcntl
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
from pathlib import Path
from typing import IO, Any

import click
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from server.accounts.models import User
from server.accounts.services import make_sign_in_link
from server.app import create_app
from server.config import Config
from server.core.backup import (
    Instance,
    Manifest,
    NoBackup,
    NotEmpty,
    drop_all,
    is_used,
    open_backup,
    read_backup,
    write_backup,
)
from server.core.db import db, utc_now, writing
from server.core.errors import DomainError
from server.core.jobs import run_clock
from server.core.storage import files
from server.demo import load
from server.migrations import is_known, upgrade
from server.replicas.history import check_history, describe
from server.replicas.services import begin_epoch


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
    with _serving(config):
        _run(config, address)


@cli.command()
@click.option("--beside", type=int, hidden=True, help="End when the process of this number has ended.")
def clock(beside: int | None) -> None:
    """Do what is due: decide what waited too long, forget what is old. Of several clocks one leads."""
    app, config = _open()
    _log_to_stderr()
    stops: list[int] = []
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda number, _: stops.append(number))  # the job in hand comes to its end
    with _serving(config):
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


@cli.command()
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
def backup(target: Path) -> None:
    """Write the whole instance (database, files, secrets and keys) into the new file TARGET, also while it serves.

    Whoever has the file can sign badges in your name: keep it to yourself.
    """
    if target.exists():
        raise click.ClickException(f"{target} exists already. Name a new file.")
    app, config = _create()
    with app.app_context(), _reaching():
        made = write_backup(Instance(db.engine, files(), config.instance), target, at=utc_now())
    size = target.stat().st_size / 1_000_000
    click.echo(f"{target}: {sum(made.rows.values()):,} rows, {made.files:,} files, {size:,.1f} MB.")


@cli.command()
@click.argument("source", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--replace", is_flag=True, help="Overwrite what is there; it is kept in a backup of its own first."
)
def restore(source: Path, replace: bool) -> None:
    """Fill the instance from the backup SOURCE. Stop the server first.

    It may have been written from the other kind of database. Phones notice that history begins anew, and send
    again what they did in the last 30 days.
    """
    app, config = _create()
    with app.app_context(), _reaching(), _serving(config, alone=True):
        instance = Instance(db.engine, files(), config.instance)
        with open_backup(source) as archive:
            _make_room(instance, Manifest.read(archive).revision, replace=replace)
            made = read_backup(archive, instance)
        upgrade(db.engine)
        with writing() as session:
            begin_epoch(session, anew=True)
    click.echo(
        f"Restored {sum(made.rows.values()):,} rows and {made.files:,} files of {made.made_at:%Y-%m-%d %H:%M} UTC."
    )


def _make_room(instance: Instance, revision: str, *, replace: bool) -> None:
    """Leave an empty schema of that revision. Raises NotEmpty, and NoBackup for a revision we don't know."""
    if not is_known(revision):
        raise NoBackup("This backup was made by a newer Streetwise. Install that one first.")
    if is_used(instance.engine):
        if not replace:
            raise NotEmpty(
                "This instance is in use. With --replace it is overwritten; it is kept in a backup first."
            )
        kept = instance.folder / f"before-restore-{utc_now():%Y%m%dT%H%M%S}.zip"
        write_backup(instance, kept, at=utc_now())
        click.echo(f"What was here is kept in {kept}.")
    drop_all(instance.engine)
    upgrade(instance.engine, revision)


@contextmanager
def _serving(config: Config, *, alone: bool = False) -> Iterator[None]:
    """Say that this process works on the instance; `alone`, that no other may. Raises CannotStart."""
    with (config.instance / "serving.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_NB | (fcntl.LOCK_EX if alone else fcntl.LOCK_SH))
        except OSError as error:
            raise CannotStart(
                "The server is running here, or a restore is: wait, or stop it first."
            ) from error
        yield


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
    app, config = _create()
    with app.app_context(), _reaching():
        upgrade(db.engine)
    return app, config


def _create() -> tuple[Flask, Config]:
    """Make the application, whatever state its database is in. Raises CannotStart."""
    config = Config.from_environment()
    with _reaching():
        return create_app(config), config


@contextmanager
def _reaching() -> Iterator[None]:
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
