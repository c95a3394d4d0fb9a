"""Commands about the city that is served: the demo, and links for its staff."""

import json
from datetime import timedelta
from typing import Any

import click
from sqlalchemy import select

from server.accounts.models import User
from server.accounts.services import make_sign_in_link
from server.cli.instance import open_instance
from server.config import Config
from server.core.db import utc_now, writing
from server.demo import load


@click.command("demo")
@click.option(
    "--json", "as_json", is_flag=True, help="Print for programs: codes, tasks with an answer, sign-in links."
)
def demo(as_json: bool) -> None:
    """Fill an empty instance with the demo city, and say where to look. Refuses one that holds real work."""
    app, config = open_instance()
    with app.app_context():
        fill()
        summary = summary_of(config)
    if as_json:
        click.echo(json.dumps(summary, indent=2, ensure_ascii=False))
    else:
        say_where_to_look(summary)


@click.command("sign-in")
@click.argument("email")
def sign_in(email: str) -> None:
    """Print a link with which the member of staff EMAIL signs in, once, within an hour."""
    app, _ = open_instance()
    with app.app_context(), writing() as session:
        user = session.scalar(select(User).where(User.email == email.strip().lower()))
        if user is None:
            raise click.ClickException(f"Nobody here has the address {email}.")
        click.echo(make_sign_in_link(session, user, at=utc_now(), lasts=timedelta(hours=1)))


def fill() -> None:
    with writing() as session:
        load.fill(session, at=utc_now())


def summary_of(config: Config) -> dict[str, Any]:
    with writing() as session:  # it makes fresh sign-in links
        found = load.summary(session, config.base_url, at=utc_now())
    return {**found, "mail": "" if config.smtp_url else str((config.instance / "mail").resolve())}


def say_where_to_look(summary: dict[str, Any]) -> None:
    click.echo()
    click.secho(f"  {summary['city']['name']} is open.", bold=True)
    for line in load.where_to_look(summary):
        click.echo(f"  {line}" if line else "")
    click.echo()
