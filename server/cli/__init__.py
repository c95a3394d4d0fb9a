"""The `streetwise` command line."""

import sys

import click

from server.cli import city, frameworks, keys, mail, running, secrets, upkeep
from server.core.errors import DomainError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="streetwise")
def cli() -> None:
    """Streetwise: a city as a place to learn. Settings come from STREETWISE_… variables (see the README)."""


for command in (
    running.serve,
    running.clock,
    city.demo,
    city.sign_in,
    city.invite,
    frameworks.frameworks,
    upkeep.backup,
    upkeep.restore,
    upkeep.check_history,
    keys.keys,
    mail.mail,
    secrets.secrets,
):
    cli.add_command(command)


def main() -> None:
    """Run the command line; an error a person can act on is one sentence, not a traceback."""
    try:
        cli()
    except DomainError as error:
        click.secho(f"streetwise: {error}", fg="red", err=True)
        sys.exit(1)
