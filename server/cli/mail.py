"""Commands about mail: whether it arrives."""

import click
from sqlalchemy import select

from server.cities.models import City
from server.cli.instance import CannotStart, open_instance
from server.core.db import db, utc_now
from server.core.i18n import LANGUAGES
from server.core.shell import absolute
from server.post import services
from server.post.delivery import NotDelivered, letter_of, open_postbox, read_settings


@click.group()
def mail() -> None:
    """Mails that this instance sends, by STREETWISE_SMTP_URL or into its folder mail/."""


@mail.command("test")
@click.argument("address")
@click.option("--lang", type=click.Choice(LANGUAGES), help="Language; the city's first when not given.")
def send_test(address: str, lang: str | None) -> None:
    """Send a mail to ADDRESS, now, and say what became of it."""
    app, config = open_instance()
    with app.app_context():
        city = db.session.scalar(select(City).order_by(City.id))
        if city is None:
            raise click.ClickException("There is no city here yet, so nobody a mail could come from.")
        made = services.write(city, address, "test", lang or "", at=utc_now(), url=absolute("/"))
        made.id = "test-" + utc_now().strftime("%Y%m%d%H%M%S")
        settings = read_settings()
        try:
            with open_postbox(settings) as postbox:
                where = postbox.put(made, letter_of(made, city.name, settings))
        except NotDelivered as error:
            raise CannotStart(f"The mail was not taken: {error}.") from error
    click.echo(f"{address}: taken by {where}." if config.smtp_url else f"No mail server is set: see {where}")
