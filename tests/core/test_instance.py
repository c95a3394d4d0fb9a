"""Settings, secrets and files of an instance."""

import stat
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from server.badges import issuers
from server.config import Config
from server.core.db import writing
from server.core.errors import NotFound, SettingInvalid
from server.core.secrets import secret
from server.core.storage import Folder
from server.organisers.models import Organiser
from tests.cast import make_museum


def test_an_instance_starts_with_nothing_set() -> None:
    config = Config.from_environment({})
    assert config.sqlalchemy_url.startswith("sqlite:///")
    assert config.public_host == "localhost:8000"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "0"),
        ("THREADS", "-1"),
        ("BASE_URL", "learn.example"),
        ("BASE_URL", "https://learn.example/city"),
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_URL", "mysql://u@h/d"),
        ("TYPED_RATE", "often"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingInvalid, match=f"STREETWISE_{name}"):
        Config.from_environment({f"STREETWISE_{name}": value})


def test_platforms_database_addresses_are_understood() -> None:
    assert (
        Config.from_environment({"DATABASE_URL": "postgres://u@h/d"}).sqlalchemy_url
        == "postgresql+psycopg://u@h/d"
    )


def test_a_secret_is_made_once_and_is_ours_alone(tmp_path: Path) -> None:
    first = secret("anchor", tmp_path)
    assert secret("anchor", tmp_path) == first
    assert secret("other", tmp_path) != first
    assert len(first) == 32
    assert stat.S_IMODE((tmp_path / "secrets/anchor").stat().st_mode) == 0o600


def test_files_stay_inside_their_folder(tmp_path: Path) -> None:
    files = Folder(tmp_path / "files")
    files.put("media/a.svg", b"<svg/>")
    assert files.get("media/a.svg") == b"<svg/>"
    for key in ("media/b.svg", "../secrets/anchor", "/etc/passwd"):
        with pytest.raises(NotFound):
            files.get(key)


def test_nobody_else_on_the_machine_reads_an_instance(config: Config, app: Flask, db: Session) -> None:
    files = app.extensions["streetwise_files"]
    files.put("evidence/ada/photo", b"hers")
    with writing() as session:
        make_museum(session)
    with app.test_request_context():
        issuers.ensure_keys(db.scalars(select(Organiser)).one())
    secret("anchor", config.instance)
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in config.instance.rglob("*")}
    assert {path.name for path in modes} >= {"photo", "anchor", "key-1.pem"}
    open_to_others = {str(path): oct(mode) for path, mode in modes.items() if mode & 0o077}
    assert open_to_others == {}


def test_an_error_of_the_database_tells_no_secret(db: Session) -> None:
    with pytest.raises(DBAPIError) as error:
        db.execute(text("SELECT * FROM nowhere WHERE token = :token"), {"token": "hush-hush"})
    assert "hush-hush" not in str(error.value)


def test_links_lead_to_the_port_that_was_chosen() -> None:
    assert Config.from_environment({"STREETWISE_PORT": "8011"}).base_url == "http://localhost:8011"
    own = {"STREETWISE_PORT": "8011", "STREETWISE_BASE_URL": "https://learn.example"}
    assert Config.from_environment(own).base_url == "https://learn.example"
