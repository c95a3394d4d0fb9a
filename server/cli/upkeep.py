"""Commands that keep an instance safe: backups, and the check of its history."""

import json
import sys
from pathlib import Path
from typing import IO

import click
from sqlalchemy.exc import DBAPIError

from server.app import create_app
from server.cli.instance import create, reaching, serving
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
from server.core.storage import files
from server.frameworks.loading import load_built_in
from server.migrations import is_known, upgrade
from server.privacy import erasing
from server.replicas import history
from server.replicas.history.report import describe
from server.replicas.services import begin_epoch


@click.command()
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
def backup(target: Path) -> None:
    """Write the whole instance (database, files, secrets and keys) into the new file TARGET, also while it serves.

    Whoever has the file can sign badges in your name: keep it to yourself.
    """
    if target.exists():
        raise click.ClickException(f"{target} exists already. Name a new file.")
    app, config = create()
    with app.app_context(), reaching():
        made = write_backup(Instance(db.engine, files(), config.instance), target, at=utc_now())
    size = target.stat().st_size / 1_000_000
    click.echo(f"{target}: {sum(made.rows.values()):,} rows, {made.files:,} files, {size:,.1f} MB.")


@click.command()
@click.argument("source", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--replace", is_flag=True, help="Overwrite what is there; it is kept in a backup of its own first."
)
def restore(source: Path, replace: bool) -> None:
    """Fill the instance from the backup SOURCE. Stop the server first.

    It may have been written from the other kind of database. Phones notice that history begins anew, and send
    again what they did in the last 30 days.
    """
    app, config = create()
    with app.app_context(), reaching(), serving(config, alone=True):
        instance = Instance(db.engine, files(), config.instance)
        with open_backup(source) as archive:
            _make_room(instance, Manifest.read(archive).revision, replace=replace)
            made = read_backup(archive, instance)
        upgrade(db.engine)
        with writing() as session:
            begin_epoch(session, anew=True)
            load_built_in(session)
        erased = erasing.again(utc_now())
    if erased:
        click.echo(f"Erased {erased:,} learners again, who had erased everything since that backup.")
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


@click.command("check-history")
@click.option("--json", "as_json", is_flag=True, help="Print the report for programs.")
@click.option(
    "--log", type=click.File(), help="JSON lines of what phones were told; each promise is looked up."
)
def check_history(as_json: bool, log: IO[str] | None) -> None:
    """Check that all that learners sent is kept as it was promised. Changes nothing; safe while serving.

    Ends with 0 when all is well, 1 when something was found, 2 when it could not look.
    """
    try:
        app = create_app(Config.from_environment())
        with app.app_context():
            report = history.check_history(db.engine, files(), utc_now(), log or ())
    except (DBAPIError, DomainError, OSError, ValueError) as error:
        click.secho(f"streetwise: The history cannot be checked: {error}", fg="red", err=True)
        sys.exit(2)
    click.echo(json.dumps(report.to_json(), indent=2) if as_json else describe(report))
    sys.exit(0 if report.clean else 1)
