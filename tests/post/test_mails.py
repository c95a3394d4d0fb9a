"""Mails: written with what causes them, sent by the clock, tried again, and never carrying what nobody wrote into them."""

import email
import email.policy
import ssl
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.cli import cli
from server.config import Config
from server.core.db import utc_now, writing
from server.post import services
from server.post.addresses import AddressInvalid, read_address, shorten
from server.post.asking import may_ask, may_write
from server.post.delivery import NotDelivered, Settings, letter_of, open_postbox, read_server, read_settings
from server.post.jobs import forget_mail_files, send_mails
from server.post.models import Mail
from tests.cast import NOON, Museum
from tests.certificates import make_certificate
from tests.post.mail_server import MailServer, serving

pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)
MINUTE = timedelta(minutes=1)


def write(museum: Museum, to: str = "ada@example.org", lang: str = "en") -> Mail:
    with writing() as session:
        return services.send(
            session, museum.city, to, "test", lang, at=NOON, url="https://learn.example/#secret"
        )


def waiting(db: Session) -> list[Mail]:
    return list(db.scalars(select(Mail).execution_options(populate_existing=True)))


def use(app: Flask, server: MailServer, user: str = "") -> Config:
    """Send by this mail server from now on."""
    config = replace(
        app.config["STREETWISE"], smtp_url=f"smtp://{user}127.0.0.1:{server.port}", mail_from="post@learn.example"
    )  # fmt: skip
    app.config["STREETWISE"] = config
    return config


def read(content: bytes) -> EmailMessage:
    found = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def part(letter: EmailMessage, kind: str) -> str:
    found = letter.get_body((kind,))
    assert found is not None
    return str(found.get_content())


def test_a_mail_arrives_as_plain_text_and_html_and_is_gone_from_here(
    app: Flask, museum: Museum, db: Session
) -> None:
    write(museum)
    with serving(MailServer()) as server:
        use(app, server)
        send_mails(NOON)
    [(sender, to, content)] = server.came
    letter = read(content)
    assert (sender, to) == ("post@learn.example", "ada@example.org")
    assert (letter["From"], letter["To"]) == ("Testbridge <post@learn.example>", "ada@example.org")
    assert letter["Subject"] == "Mail from Testbridge works"
    assert letter["Auto-Submitted"] == "auto-generated"
    for kind in ("plain", "html"):
        assert "https://learn.example/#secret" in part(letter, kind)
    assert waiting(db) == []


def test_a_mail_of_what_did_not_happen_is_not_sent(museum: Museum, db: Session, app: Flask) -> None:
    with pytest.raises(RuntimeError), writing() as session:
        services.send(session, museum.city, "ada@example.org", "test", "en", at=NOON, url="x")
        raise RuntimeError
    assert waiting(db) == []


def test_with_no_mail_server_a_mail_lies_in_a_file_for_us_alone(
    app: Flask, museum: Museum, config: Config
) -> None:
    write(museum)
    send_mails(NOON)
    [file] = (config.instance / "mail").glob("*.eml")
    assert file.stat().st_mode & 0o777 == 0o600 and file.parent.stat().st_mode & 0o777 == 0o700
    assert read(file.read_bytes())["To"] == "ada@example.org"
    forget_mail_files(utc_now() + timedelta(days=29))
    assert file.exists()
    forget_mail_files(utc_now() + timedelta(days=31))
    assert not file.exists()


def test_a_mail_server_that_is_away_is_asked_again_ever_later(
    app: Flask, museum: Museum, db: Session
) -> None:
    write(museum)
    with serving(MailServer()) as server:
        config = use(app, server)
    for tries, at in ((1, NOON), (1, NOON + MINUTE / 2), (2, NOON + MINUTE), (2, NOON + 3 * MINUTE)):
        send_mails(at)
        assert [one.tries for one in waiting(db)] == [tries]
    assert "Refused" in waiting(db)[0].problem
    with serving(MailServer()) as back:
        app.config["STREETWISE"] = replace(config, smtp_url=f"smtp://127.0.0.1:{back.port}")
        send_mails(NOON + 4 * MINUTE)
    assert len(back.came) == 1 and waiting(db) == []


def test_a_mail_that_nobody_takes_is_given_up_and_no_address_gets_into_the_log(
    app: Flask, museum: Museum, db: Session, caplog: pytest.LogCaptureFixture
) -> None:
    write(museum, "gone@example.org")
    write(museum, "later@example.org")
    refuses = {
        "gone@example.org": "550 no gone@example.org here",
        "later@example.org": "451 later@example.org is busy",
    }
    with serving(MailServer(refuses=refuses)) as server:
        use(app, server)
        send_mails(NOON)
        assert [one.to for one in waiting(db)] == ["later@example.org"]
        for _ in services.AFTER[1:]:
            send_mails(waiting(db)[0].due_at)
        assert waiting(db) == []
    assert "given up" in caplog.text and "@example" not in caplog.text


def test_one_that_is_refused_keeps_nobody_elses_back(app: Flask, museum: Museum, db: Session) -> None:
    for to in ("gone@example.org", "ada@example.org"):
        write(museum, to)
    with serving(MailServer(refuses={"gone@example.org": "550 no"})) as server:
        use(app, server)
        send_mails(NOON)
    assert [to for _, to, _ in server.came] == ["ada@example.org"]


def test_a_mail_goes_over_tls_where_the_server_offers_it(
    app: Flask, museum: Museum, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cert, key = make_certificate(tmp_path, "localhost")
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.load_cert_chain(cert, key)
    mail = write(museum)
    with serving(MailServer(secured=ours)) as server:
        use(app, server)
        with pytest.raises(NotDelivered, match="certificate"), open_postbox(read_settings()):
            pass
        settings = replace(read_settings(), smtp_url=f"smtp://localhost:{server.port}")
        with open_postbox(settings, ssl.create_default_context(cafile=str(cert))) as postbox:
            postbox.put(mail, letter_of(mail, "Testbridge", settings))
    assert server.over_tls == [True]


def test_nothing_travels_in_the_open_but_to_this_machine_or_where_one_says_so(
    app: Flask, museum: Museum
) -> None:
    assert read_server("smtp://[::1]:25").may_be_open and read_server("smtp://localhost").may_be_open
    with serving(MailServer(users={"us": "word"})) as server:
        url = f"smtp://us:word@0.0.0.0:{server.port}"  # reaches this machine, by a name that does not say so
        with pytest.raises(NotDelivered, match="no TLS"), open_postbox(_by(url)):
            pass
        assert server.signed_in == []
        with open_postbox(_by(f"{url}?starttls=no")):
            assert server.signed_in == ["us"]


def _by(url: str) -> Settings:
    return replace(read_settings(), smtp_url=url)


def test_a_mail_servers_address_is_read_with_its_password(config: Config) -> None:
    found = read_server("smtps://u%40x:p%3Aw@m")
    assert (found.user, found.password, found.port) == ("u@x", "p:w", 465)
    assert read_server("smtp://m").port == 587


def test_it_signs_in_and_says_so_when_the_password_is_wrong(app: Flask, museum: Museum, db: Session) -> None:
    write(museum)
    with serving(MailServer(users={"us": "pass word"})) as server:
        use(app, server, user="us:wrong@")
        send_mails(NOON)
        assert server.came == [] and "535" in waiting(db)[0].problem and "pass" not in waiting(db)[0].problem
        use(app, server, user="us:pass%20word@")
        send_mails(NOON + MINUTE)
    assert server.signed_in == ["us"] and len(server.came) == 1


INJECTIONS = (
    "ada@example.org\nBcc: eve@example.org", "ada@example.org,eve@example.org", "ada@example.org>\r\nRCPT TO:<eve@example.org",
    "Ada <ada@example.org>", '"a b"@example.org', "ada@[127.0.0.1]", "ada", "@example.org", "ada@localhost", "ada@example..org",
    "ada@-example.org", "ada\0@example.org", "a" * 65 + "@example.org", "ada@" + "a." * 130 + "org", "äda@example.org",
)  # fmt: skip


@pytest.mark.parametrize("written", INJECTIONS)
def test_nothing_but_one_plain_address_is_written_to(written: str, museum: Museum, app: Flask) -> None:
    with pytest.raises(AddressInvalid):
        write(museum, written)


def test_an_address_is_kept_in_one_spelling(app: Flask) -> None:
    assert read_address(" Ada.Lovelace+1@Bücher.Example ") == "ada.lovelace+1@xn--bcher-kva.example"
    assert shorten("ada.l@example.org") == "a…l@example.org"


def test_a_citys_name_cannot_add_a_header_or_break_out_of_its_place(app: Flask, museum: Museum, db: Session) -> None:  # fmt: skip
    museum.city.name = 'Test\r\nBcc: eve@example.org <script>"x"'
    db.commit()
    mail = write(museum)
    letter = read(letter_of(mail, museum.city.name, read_settings()).as_bytes())
    assert letter["Bcc"] is None and "<script>" not in mail.html
    assert "Bcc: eve@example.org" in letter["Subject"] or "Test" in letter["Subject"]


def test_a_mail_server_that_is_not_there_is_told_apart(app: Flask, museum: Museum) -> None:
    use(app, MailServer(port=1))
    with pytest.raises(NotDelivered), open_postbox(read_settings()):
        pass


def test_the_operator_sees_whether_mail_arrives(
    config: Config, museum: Museum, db: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STREETWISE_INSTANCE", str(config.instance))
    with serving(MailServer()) as server:
        monkeypatch.setenv("STREETWISE_SMTP_URL", f"smtp://127.0.0.1:{server.port}")
        done = CliRunner().invoke(cli, ["mail", "test", "omar@example.org", "--lang", "nl"])
        assert done.exit_code == 0 and "taken by 127.0.0.1" in done.output
    assert read(server.came[0][2])["Content-Language"] == "nl"
    failed = CliRunner().invoke(cli, ["mail", "test", "omar@example.org"])
    assert failed.exit_code != 0 and "was not taken" in str(failed.exception)


def test_who_asks_for_mails_to_somebody_else_uses_up_their_own_share(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    def ask(network: str, address: str = "ada@example.org") -> bool:
        with app.test_request_context(environ_base={"REMOTE_ADDR": network}):
            return may_ask(address)

    assert [ask("192.0.2.1") for _ in range(5)] == [True] * 3 + [False] * 2
    assert ask("198.51.100.7"), "the rightful person is elsewhere"
    assert ask("192.0.2.1", "omar@example.org"), "another address has its own share"
    assert sum(ask(f"203.0.113.{n}") for n in range(50)) == 3 * 3 - 4, "all networks together"
    assert "192.0.2.1" in caplog.text and "ada" not in caplog.text


def test_one_network_asks_for_so_many_mails(app: Flask) -> None:
    with app.test_request_context(environ_base={"REMOTE_ADDR": "192.0.2.9"}):
        assert sum(may_ask(f"pupil{n}@example.org") for n in range(80)) == 60


def test_an_address_gets_few_mails_a_day_that_it_did_not_ask_for(app: Flask) -> None:
    assert sum(may_write("ada@example.org") for _ in range(9)) == 5
    assert may_write("omar@example.org")
