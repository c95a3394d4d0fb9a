"""Commands about the server's own secrets. What they hold is never shown."""

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from server.badges.keys import KeyFolder
from server.config import Config
from server.core import secrets as kept


@click.group("secrets")
def secrets() -> None:
    """List and replace the secrets in the instance folder."""


@secrets.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print for programs.")
def list_secrets(as_json: bool) -> None:
    """List every secret: what it is for, since when it is this one, and until when a former one counts."""
    folder = Config.from_environment().instance
    found = [_describe(name, folder) for name in kept.KINDS]
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    for one in found:
        until = f", a former one counts until {one['former_until']}" if one["former_until"] else ""
        fixed = "" if one["rotates"] else " (is never replaced)"
        click.echo(f"{one['name']:<16} {one['since'] or 'not made yet':<13} {one['what']}{fixed}{until}")


def _describe(name: str, folder: Path) -> dict[str, str | bool | None]:
    path, former = folder / "secrets" / name, kept.former_until(name, folder)
    since = datetime.fromtimestamp(path.stat().st_mtime, UTC).date().isoformat() if path.exists() else None
    return {
        "name": name,
        "what": kept.KINDS[name].what,
        "since": since,
        "rotates": kept.KINDS[name].days is not None,
        "former_until": former[0].isoformat() if former else None,
    }


@secrets.command("rotate")
@click.argument("name")
@click.option(
    "--now", is_flag=True, help="Let nothing count that was made with the former one: somebody has it."
)
def rotate(name: str, now: bool) -> None:
    """Replace a secret. A running server uses the new one at once; what was made with the former one counts on."""
    folder = Config.from_environment().instance
    is_passphrase = name == "signing-keys"
    kept.rotate(name, folder, at_once=now and not is_passphrase)
    if is_passphrase:
        keys = KeyFolder(folder).encrypt_anew()
        kept.forget_former(name, folder, all_of_them=True)
        click.echo(f"{name} is replaced, and {keys} keys are encrypted with the new one.")
        return
    until = kept.former_until(name, folder)
    click.echo(
        f"{name} is replaced. "
        + (f"What was made before counts until {until[0]}." if until else "Nothing made before counts.")
    )
