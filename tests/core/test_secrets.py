"""The server's own secrets can be replaced: what was made with a former one counts on for its life, or at once no more."""

import os
import re
import stat
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from server.awarding import recipients
from server.awarding.models import Recipient
from server.badges.keys import KeyFolder
from server.cli import cli
from server.core import secrets
from server.replicas.anchors import make_anchor, read_anchor
from tests.cast import NOON, Museum

pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)
SERVER = Path(secrets.__file__).parents[1]


@pytest.fixture
def folder(app: Flask) -> Path:
    instance: Path = app.config["STREETWISE"].instance
    return instance


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["secrets", *words], env={"STREETWISE_INSTANCE": str(folder)})


def days_pass(folder: Path, name: str, days: int) -> None:
    """Make former secrets that much older."""
    for path in (folder / "secrets").glob(f"{name}~*"):
        _, until, rest = path.name.split("~")
        path.rename(path.with_name(f"{name}~{date.fromisoformat(until) - timedelta(days=days)}~{rest}"))


def test_a_phone_that_comes_back_after_a_rotation_is_still_believed(app: Flask, folder: Path) -> None:
    anchor = str(make_anchor(secrets.secret("anchor"), "phone", 1000)["id"])
    assert run(folder, "rotate", "anchor").exit_code == 0
    assert make_anchor(secrets.secret("anchor"), "phone", 1000)["id"] != anchor
    assert read_anchor(secrets.all_secrets("anchor"), "phone", anchor) == 1000
    days_pass(folder, "anchor", 401)
    assert read_anchor(secrets.all_secrets("anchor"), "phone", anchor) is None


def test_a_link_of_before_still_opens_unless_somebody_has_the_secret(
    app: Flask, museum: Museum, db: Session, folder: Path
) -> None:
    made = recipients.make_recipients(db, museum.organiser, {"ada@example.org": "Ada"}, NOON)
    link = recipients.secret_of(made["ada@example.org"])
    db.commit()
    run(folder, "rotate", "recipients")
    assert isinstance(recipients.find_by_link(db, link), Recipient)
    assert recipients.secret_of(made["ada@example.org"]) != link
    newer = recipients.secret_of(made["ada@example.org"])
    run(folder, "rotate", "recipients", "--now")
    for one in (link, newer):
        with pytest.raises(recipients.WrongLink):
            recipients.find_by_link(db, one)


def test_the_monitoring_goes_on_for_a_week(client: FlaskClient, folder: Path) -> None:
    def status(token: str) -> int:
        return client.get("/metrics", headers={"Authorization": f"Bearer {token}"}).status_code

    former = secrets.token("metrics", folder)
    secrets.rotate("metrics", folder)
    assert secrets.token("metrics", folder).isascii()
    assert [status(one) for one in (former, secrets.token("metrics", folder), "x")] == [200, 200, 401]
    days_pass(folder, "metrics", 8)
    assert status(former) == 401


def test_a_new_passphrase_opens_every_key_and_the_former_one_none(app: Flask, folder: Path) -> None:
    keys = KeyFolder(folder)
    before = keys.open("museum", 1), keys.open_token_key("museum", 1)
    former = secrets.secret("signing-keys", folder)
    said = run(folder, "rotate", "signing-keys").output
    assert "2 keys are encrypted" in said
    after = KeyFolder(folder).open("museum", 1), KeyFolder(folder).open_token_key("museum", 1)
    assert [one.private_numbers() if hasattr(one, "private_numbers") else one.private_bytes_raw() for one in before] == \
        [one.private_numbers() if hasattr(one, "private_numbers") else one.private_bytes_raw() for one in after]  # fmt: skip
    assert secrets.all_secrets("signing-keys", folder) == [secrets.secret("signing-keys", folder)] != [former]


def test_a_rotation_that_was_cut_off_leaves_every_key_readable(app: Flask, folder: Path) -> None:
    """Between the new passphrase and the last key that is encrypted with it."""
    KeyFolder(folder).open("museum", 1)
    secrets.rotate("signing-keys", folder)
    assert KeyFolder(folder).open("museum", 1)
    days_pass(folder, "signing-keys", 1000)
    assert KeyFolder(folder).encrypt_anew() == 1


@pytest.mark.parametrize("name", ["wallet-names", "recipient-salts", "nothing", "../keys", "anchor~x"])
def test_what_others_rely_on_is_never_replaced(app: Flask, folder: Path, name: str) -> None:
    before = sorted(path.name for path in (folder / "secrets").iterdir())
    result = run(folder, "rotate", name)
    assert result.exit_code == 1 and "cannot be replaced" in str(result.exception)
    assert sorted(path.name for path in (folder / "secrets").iterdir()) == before


def test_nothing_secret_is_shown_and_only_we_may_read_it(app: Flask, folder: Path) -> None:
    for name, kind in secrets.KINDS.items():
        secrets.secret(name, folder) if not kind.is_text else secrets.token(name, folder)
    secrets.rotate("anchor", folder)
    for words in (["list"], ["list", "--json"]):
        said = run(folder, *words).output
        assert all(name in said for name in secrets.KINDS)
        assert str(datetime.now(UTC).date() + timedelta(days=400)) in said
    for path in (folder / "secrets").iterdir():
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
        assert path.read_bytes().hex() not in said and path.read_bytes() not in said.encode()


def test_every_secret_is_listed(app: Flask) -> None:
    named = re.compile(
        r"""(?<![\w.])(?:all_secrets|secret|token|secrets\.(?:secret|token))\(["']([\w-]+)["']"""
    )
    found = {name for path in SERVER.rglob("*.py") for name in named.findall(path.read_text())}
    assert found == set(secrets.KINDS)
