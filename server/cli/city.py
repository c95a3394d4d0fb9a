"""Commands about the city that is served: the demo, and links for its staff."""

import json
from datetime import timedelta
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.accounts.services import make_sign_in_link
from server.accounts.staff import invitations
from server.audit.services import Actor, note
from server.cities.models import City
from server.cli.instance import open_instance
from server.config import Config
from server.core.db import utc_now, writing
from server.demo import load
from server.organisers.services import find_organiser


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


@click.command("invite")
@click.argument("email")
@click.option("--city", "city_slug", default="", help="Which city, where there are several (its short name).")
@click.option("--organiser", "slug", default="", help="Into this organiser's team instead of the city's.")
@click.option(
    "--role",
    default="owner",
    show_default=True,
    help="owner or editor; of an organiser also reviewer or helper.",
)
def invite(email: str, city_slug: str, slug: str, role: str) -> None:
    """Print a link by which EMAIL joins the city's team, or an organiser's, once, within seven days."""
    app, _ = open_instance()
    with app.app_context(), writing() as session:
        city = _find_city(session, city_slug)
        made, token = invitations.invite(
            session,
            email=email,
            role=role,
            organiser=find_organiser(session, city, slug) if slug else None,
            city=None if slug else city,
            by=None,
            at=utc_now(),
        )
        who = Actor(city.id, "streetwise invite")
        note(session, who, "people.invite", made.email, at=utc_now(), organiser=made.organiser_id, role=role)
        click.echo(invitations.link_of(token))


def _find_city(session: Session, slug: str) -> City:
    cities = session.scalars(select(City).order_by(City.id)).all()
    found = [one for one in cities if slug in ("", one.slug)]
    if len(found) != 1:
        names = ", ".join(one.slug for one in cities) or "none"
        raise click.ClickException(f"Say which city with --city. There are: {names}.")
    return found[0]


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
