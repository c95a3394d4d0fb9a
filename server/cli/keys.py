"""Commands about the keys that badges are signed with."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from server.badges import issuers, resigning
from server.badges.models import Resigning, SigningKey
from server.cli.instance import open_instance
from server.core.db import db, utc_now, writing
from server.core.i18n import pick
from server.endorsements import resigning as endorsements
from server.organisers.models import Organiser


@click.group()
def keys() -> None:
    """List, renew and publish the keys that badges are signed with."""


@contextmanager
def _instance() -> Iterator[None]:
    app, _ = open_instance()
    with app.app_context():
        yield


@keys.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print for programs.")
def list_keys(as_json: bool) -> None:
    """List every key, whose it is, and how many badges and endorsements carry its signature."""
    with _instance():
        session = db.session()
        found = [_describe(session, one, key) for one in _organisers(session) for key in _keys(session, one)]
    if as_json:
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return
    for key in found:
        click.echo(
            f"{key['organiser']}  key-{key['number']}  {key['state']:<11}  since {key['created_at'][:10]}  "
            f"{key['badges']:>7,} badges  {key['endorsements']:>4,} endorsements  {key['name']}"
        )
    if not found:
        click.echo("There are no keys yet: an organiser's first badge makes the first one.")


def _describe(session: Session, organiser: Organiser, key: SigningKey) -> dict[str, Any]:
    state = "compromised" if key.compromised_at else "retired" if key.retired_at else "signs"
    return {
        "organiser": organiser.id,
        "name": pick(organiser.name),
        "did": issuers.did(organiser.id),
        "number": key.number,
        "state": state,
        "created_at": key.created_at.isoformat(),
        "retired_at": key.retired_at and key.retired_at.isoformat(),
        "public": key.multibase,
        "badges": resigning.count_signed(session, organiser.id, key.number),
        "endorsements": endorsements.count_signed(session, organiser.id, key.number),
    }


@keys.command()
@click.argument("organiser", required=False)
@click.option("--all", "everybody", is_flag=True, help="Of all organisers that have a key.")
def rotate(organiser: str | None, everybody: bool) -> None:
    """Sign with a new key from now on. ORGANISER is an id or the short name in addresses.

    Badges that were signed before stay valid: the old key stays published.
    """
    if (organiser is None) != everybody:
        raise click.UsageError("Name one organiser, or say --all.")
    with _instance(), writing() as session:
        chosen = _with_keys(session) if everybody else [_find(session, organiser or "")]
        for one in chosen:
            signer = issuers.rotate(session, one, utc_now())
            click.echo(f"{pick(one.name)} signs with {signer.method.rpartition('#')[2]} from now on.")


@keys.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def export(folder: Path) -> None:
    """Write all public keys into FOLDER: `keys.json`, and each DID document as `orgs/<id>/did.json`.

    No private key is in it: anybody may have it, to check badges when this site is gone.
    """
    with _instance():
        chosen = _with_keys(db.session())
        for one in chosen:
            _write(folder / "orgs" / one.id / "did.json", issuers.did_document(one))
        _write(folder / "keys.json", [key for one in chosen for key in issuers.public_keys(one)])
    click.echo(f"{folder}: public keys of {len(chosen)} organisers.")


def _write(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")


@keys.command()
@click.argument("organiser")
@click.argument("number", type=int)
@click.option("--now", is_flag=True, help="Sign again here, at once, instead of leaving it to the clock.")
@click.confirmation_option(
    prompt="Badges and endorsements with this key's signature will fail everywhere until they are signed again. Go on?"
)
def compromised(organiser: str, number: int, now: bool) -> None:
    """Say that somebody else may have an organiser's key NUMBER: it is no longer believed.

    It leaves the DID document, another key is made, and all badges and endorsements it signed are signed again:
    people keep them at the same address, copies elsewhere have to be fetched again. The clock does it, see
    `keys progress`.
    """
    with _instance():
        with writing() as session:
            one = _find(session, organiser)
            task = resigning.compromise(session, one, number, utc_now()).id
        click.echo(f"key-{number} of {pick(one.name)} is no longer believed.")
        if now:
            _sign_again(task)
        click.echo(_progress_of(db.session.get_one(Resigning, task)))


def _sign_again(task: str) -> None:
    more = True
    while more:
        with writing() as session:
            more = resigning.sign_some(session, task, utc_now())
        if more:
            click.echo(_progress_of(db.session.get_one(Resigning, task)))
    more = True
    while more:
        with writing() as session:
            more = endorsements.sign_some(session, utc_now())


@keys.command()
def progress() -> None:
    """Say how far signing again has come."""
    with _instance():
        found = db.session.scalars(select(Resigning).order_by(Resigning.started_at)).all()
        for task in found:
            click.echo(_progress_of(task))
        if not found:
            click.echo("No key was ever compromised.")


def _progress_of(task: Resigning) -> str:
    name = pick(db.session.get_one(Organiser, task.organiser_id).name)
    words = f"{name}, key-{task.number}: {task.done:,} of {task.total:,} badges signed again"
    failed = f", {task.failed:,} could not be" if task.failed else ""
    left = endorsements.count_signed(db.session(), task.organiser_id, task.number)
    waiting = f", {left:,} endorsements wait for it" if left else ""
    return words + failed + waiting + (", finished." if task.finished_at and not left else ".")


def _find(session: Session, word: str) -> Organiser:
    found = session.scalars(select(Organiser).where(or_(Organiser.id == word, Organiser.slug == word))).all()
    if len(found) != 1:
        raise click.ClickException(
            f"Several organisers are called {word}: give the id."
            if found
            else f"No organiser is called {word}."
        )
    return found[0]


def _with_keys(session: Session) -> list[Organiser]:
    return [one for one in _organisers(session) if _keys(session, one)]


def _organisers(session: Session) -> Sequence[Organiser]:
    return session.scalars(select(Organiser).order_by(Organiser.id)).all()


def _keys(session: Session, organiser: Organiser) -> list[SigningKey]:
    return issuers.signing_keys(session, organiser.id)
